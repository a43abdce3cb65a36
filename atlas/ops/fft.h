// The discrete Fourier transform of any length in O(n log n).
#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace atlas {

/// Transforms of one length: X[k] = sum over j of x[j] exp(-2 pi i j k / n), unnormalised; the inverse has +.
/// Lengths whose prime factors are small by mixed radix (Cooley and Tukey 1965), others by a convolution with
/// a chirp (Bluestein 1970). `Real` is float or double.
template <typename Real>
class Fft {
 public:
  /// `length` at least 1.
  explicit Fft(std::size_t length, bool inverse = false);
  ~Fft();

  std::size_t length() const { return length_; }

  /// In place; as many elements as `length()`.
  void transform(std::span<std::complex<Real>> data) const;

 private:
  using Complex = std::complex<Real>;

  void mixed_radix(const Complex* in, std::size_t stride, Complex* out, std::size_t n) const;
  void by_chirp(std::span<Complex> data) const;

  std::size_t length_;
  std::vector<Complex> roots_;  // roots_[j] = exp(-2 pi i j / n), + for the inverse

  // Of Bluestein's algorithm alone.
  std::vector<Complex> chirp_;           // exp(-pi i j^2 / n)
  std::vector<Complex> chirp_spectrum_;  // of the conjugate chirp, wrapped to the convolution's length
  std::unique_ptr<Fft<Real>> forward_;
  std::unique_ptr<Fft<Real>> backward_;
};

}  // namespace atlas
