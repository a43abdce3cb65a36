// Mixed radix by recursion over prime factors; Bluestein's chirp for lengths with a large one.
#include "atlas/ops/fft.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "atlas/base/error.h"

namespace atlas {
namespace {

// Beyond this a butterfly of n^2 products costs more than three transforms of a power of two.
constexpr std::size_t kLargestRadix = 31;

std::size_t largest_prime_factor(std::size_t n) {
  std::size_t largest = 1;
  for (std::size_t p = 2; p * p <= n; ++p)
    for (; n % p == 0; n /= p) largest = p;
  return n > 1 ? n : largest;
}

template <typename Real>
std::complex<Real> on_unit_circle(double angle) {
  return {static_cast<Real>(std::cos(angle)), static_cast<Real>(std::sin(angle))};
}

}  // namespace

template <typename Real>
Fft<Real>::Fft(std::size_t length, bool inverse) : length_(length) {
  ensure(length > 0, "a Fourier transform of length 0");
  const double turn = (inverse ? 2 : -2) * std::numbers::pi / static_cast<double>(length);
  if (largest_prime_factor(length) <= kLargestRadix) {
    roots_.resize(length);
    for (std::size_t j = 0; j < length; ++j) roots_[j] = on_unit_circle<Real>(turn * static_cast<double>(j));
    return;
  }
  const std::size_t padded = std::bit_ceil(2 * length - 1);
  forward_ = std::make_unique<Fft<Real>>(padded);
  backward_ = std::make_unique<Fft<Real>>(padded, true);
  chirp_.resize(length);
  chirp_spectrum_.resize(padded);
  std::uint64_t square = 0;  // j^2 modulo 2n keeps the angle exact
  for (std::size_t j = 0; j < length; ++j) {
    chirp_[j] = on_unit_circle<Real>(turn / 2 * static_cast<double>(square));
    chirp_spectrum_[j] = std::conj(chirp_[j]);
    if (j > 0) chirp_spectrum_[padded - j] = chirp_spectrum_[j];
    square = (square + 2 * j + 1) % (2 * length);
  }
  forward_->transform(chirp_spectrum_);
}

template <typename Real>
Fft<Real>::~Fft() = default;

template <typename Real>
void Fft<Real>::transform(std::span<Complex> data) const {
  ensure(data.size() == length_, "a Fourier transform of another length");
  if (forward_) return by_chirp(data);
  const std::vector<Complex> in(data.begin(), data.end());
  mixed_radix(in.data(), 1, data.data(), length_);
}

// The transform of in[0], in[stride], ... (n of them) to out[0..n).
template <typename Real>
void Fft<Real>::mixed_radix(const Complex* in, std::size_t stride, Complex* out, std::size_t n) const {
  if (n == 1) {
    *out = *in;
    return;
  }
  const std::size_t radix = largest_prime_factor(n);
  const std::size_t part = n / radix;
  for (std::size_t r = 0; r < radix; ++r) mixed_radix(in + r * stride, stride * radix, out + r * part, part);

  const std::size_t step = length_ / n;  // roots_[step * j] = exp(-2 pi i j / n)
  std::array<Complex, kLargestRadix> terms;
  for (std::size_t k = 0; k < part; ++k) {
    for (std::size_t r = 0; r < radix; ++r) terms[r] = out[r * part + k] * roots_[step * r * k];
    for (std::size_t q = 0; q < radix; ++q) {
      Complex sum = terms[0];
      for (std::size_t r = 1; r < radix; ++r) sum += terms[r] * roots_[step * part * (r * q % radix)];
      out[q * part + k] = sum;
    }
  }
}

template <typename Real>
void Fft<Real>::by_chirp(std::span<Complex> data) const {
  std::vector<Complex> work(chirp_spectrum_.size());
  for (std::size_t j = 0; j < length_; ++j) work[j] = data[j] * chirp_[j];
  forward_->transform(work);
  for (std::size_t j = 0; j < work.size(); ++j) work[j] *= chirp_spectrum_[j];
  backward_->transform(work);
  const Real scale = Real(1) / static_cast<Real>(work.size());
  for (std::size_t j = 0; j < length_; ++j) data[j] = work[j] * chirp_[j] * scale;
}

template class Fft<float>;
template class Fft<double>;

}  // namespace atlas
