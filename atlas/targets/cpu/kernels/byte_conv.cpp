// Matrix products whose rows are windows of an image, read where they lie or written out for the tiles.
#include "atlas/targets/cpu/kernels/byte_conv.h"

#include <algorithm>

#include "atlas/targets/cpu/kernels/byte_image.h"
#include "atlas/targets/cpu/kernels/ceil_div.h"
#include "atlas/targets/cpu/kernels/scratch.h"

namespace atlas::cpu {
namespace {

/// The convolution that gives outputs [begin, end) along one dimension.
ConvShape cropped(const ConvShape& shape, size_t dim, size_t begin, size_t end) {
  ConvShape part = shape;
  part.pad_begin[dim] -= begin * shape.stride[dim];
  part.pad_end[dim] = (end - begin - 1) * shape.stride[dim] + shape.reach(dim) - shape.input[dim] -
                      part.pad_begin[dim];  // negative ones wrap
  return part;
}

/// What all parts of a convolution share.
struct Run {
  const ConvShape& shape;
  const ByteRows& x;
  const ByteConvWeights& weights;
  const IgemmOutput& output;
  const IgemmKernel& kernel;
  std::vector<int32_t> start;  // of the columns of each group

  uint8_t flip() const { return kernel.flip(x.is_signed); }
};

struct Part {
  size_t n, z, group;
  size_t dim, begin, end;  // outputs of rows, or of columns where there is but one row
  size_t first_panel, end_panel;
};

/// Tiles' rows [begin, end): those between the rows of the output are left out.
void store(const Run& run, const Part& part, const ByteImage& image, const int32_t* sums, size_t begin,
           size_t end, size_t panel) {
  const Spatial size = run.shape.output();
  const size_t column = panel * igemm_columns, group_out = run.shape.group_out();
  const size_t columns = std::min(igemm_columns, group_out - column);
  const size_t width = part.dim == 2 ? part.end - part.begin : size[2];
  for (size_t q = begin; q < end;) {
    const size_t y = q / image.pitch(), x = q % image.pitch();
    const size_t next = std::min(end, (y + 1) * image.pitch());
    const size_t rows = x < width ? std::min(next - q, width - x) : 0;
    const size_t row_y = part.dim == 1 ? part.begin + y : y, row_x = part.dim == 2 ? part.begin + x : x;
    const size_t row = ((part.n * size[0] + part.z) * size[1] + row_y) * size[2] + row_x;
    if (rows > 0)
      store(sums + (q - begin) * igemm_columns, rows, columns, run.output, row,
            part.group * group_out + column);
    q = next;
  }
}

/// On the calling thread: panels of weights pass over the part of the image.
void compute(const Run& run, const Part& part) {
  const ConvShape shape = cropped(cropped(run.shape, 0, part.z, part.z + 1), part.dim, part.begin, part.end);
  const IgemmKernel& kernel = run.kernel;
  const PackedBytes& weights = run.weights.group(part.group);
  const ByteImage image(shape);
  Scratch memory(image.bytes());
  auto* bytes = memory.as<uint8_t>();
  const auto* from = static_cast<const uint8_t*>(run.x.data) +
                     part.n * volume(shape.input) * shape.in_channels + part.group * shape.group_in();
  image.fill(from, static_cast<uint8_t>(run.x.zero_point), run.flip(), bytes);

  const std::vector<IgemmChunk>& chunks = image.chunks();
  const size_t stride = image.row_stride(), rows = image.rows();
  const size_t tiles = ceil_div(rows, kernel.rows), height = ceil_div(rows, tiles);
  const auto each_tile = [&](auto body) {
    for (size_t i = 0; i < tiles; ++i) body(i, i * height, std::min(rows, (i + 1) * height));
  };
  // Where tiles do not read bytes, all are written out as they do.
  const auto quads = static_cast<size_t>(chunks[0].quads);
  std::vector<IgemmChunk> whole, last;
  const size_t panel_bytes = kernel.reads_bytes ? 0 : height * chunks.size() * kernel.chunk_bytes;
  Scratch panels(tiles * panel_bytes + IgemmKernel::slack);
  if (!kernel.reads_bytes) {
    const size_t last_rows = rows - (tiles - 1) * height;
    whole = panel_chunks(weights.k(), quads, height * kernel.chunk_bytes);
    last = panel_chunks(weights.k(), quads, last_rows * kernel.chunk_bytes);
    each_tile([&](size_t i, size_t begin, size_t end) {
      std::byte* to = panels.as<std::byte>() + i * panel_bytes;
      for (const IgemmChunk& chunk : chunks) {
        const uint8_t* places[IgemmKernel::max_rows];
        for (size_t r = begin; r < end; ++r) places[r - begin] = bytes + r * stride + chunk.offset;
        kernel.fill(places, end - begin, IgemmKernel::chunk, 0, to);
        to += (end - begin) * kernel.chunk_bytes;
      }
    });
  }
  Scratch sum_memory(weights.zeros() ? rows * sizeof(int32_t) : 0);
  auto* row_sums = sum_memory.as<int32_t>();
  if (weights.zeros())
    for (size_t r = 0; r < rows; ++r) {
      row_sums[r] = 0;
      for (const IgemmChunk& chunk : chunks)
        row_sums[r] += sum_row(kernel, bytes + r * stride + chunk.offset, 4 * quads, 0);
    }

  const IgemmUse use(kernel, quads);
  alignas(64) int32_t sums[IgemmKernel::max_rows * igemm_columns];
  for (size_t panel = part.first_panel; panel < part.end_panel; ++panel)
    each_tile([&](size_t i, size_t begin, size_t end) {
      IgemmTile tile{reinterpret_cast<const std::byte*>(bytes + begin * stride),
                     stride,
                     chunks.data(),
                     chunks.size(),
                     weights.panel(panel),
                     run.start.data() + (part.group * weights.panels() + panel) * igemm_columns,
                     std::min(igemm_columns, weights.n() - panel * igemm_columns),
                     sums};
      if (!kernel.reads_bytes) {
        tile.a = panels.as<std::byte>() + i * panel_bytes;
        tile.row_stride = kernel.chunk_bytes;
        tile.chunks = (end - begin == height ? whole : last).data();
      }
      if (panel + 1 < part.end_panel) fetch_part(tile, weights.panel(panel + 1), i, tiles);
      kernel.tile[end - begin - 1](tile);
      if (weights.zeros())
        subtract_products(sums, end - begin, row_sums + begin, weights.zeros() + panel * igemm_columns);
      store(run, part, image, sums, begin, end, panel);
    });
}

/// How outputs are cut.
struct Grid {
  size_t dim, bands, panel_tasks;

  Grid(const Run& run, size_t threads) {
    const ConvShape& shape = run.shape;
    const Spatial size = shape.output();
    dim = size[1] > 1 ? 1 : 2;
    // A band stays in the second cache, together with what is written out of it.
    constexpr size_t band_bytes = 512 * 1024, least_outputs = 64;
    const PackedBytes& weights = run.weights.group(0);
    const auto bytes_of = [&](size_t outputs) {
      const ConvShape part = cropped(cropped(shape, 0, 0, 1), dim, 0, outputs);
      const ByteImage image(part);
      const size_t written = run.kernel.reads_bytes ? 0 : image.rows() * run.kernel.row_bytes(weights.k());
      return image.bytes() + written;
    };
    const size_t one = bytes_of(1), more = size[dim] > 1 ? bytes_of(2) - one : 0;
    const size_t most = one < band_bytes ? 1 + (band_bytes - one) / std::max<size_t>(1, more) : 1;
    bands = ceil_div(size[dim], std::min(most, size[dim]));
    const double outputs =
        static_cast<double>(shape.batch * volume(size)) * static_cast<double>(shape.out_channels);
    const double products = outputs * static_cast<double>(weights.k());
    const size_t wanted = igemm_tasks(products, outputs, threads);
    const size_t parts = shape.batch * size[0] * shape.groups;
    // Who shares columns out reads each of the weights once, who shares bands out each pixel.
    const size_t row_outputs = dim == 1 ? size[2] : 1;
    const size_t most_bands = ceil_div(size[dim], std::min(size[dim], ceil_div(least_outputs, row_outputs)));
    const size_t tasks = ceil_div(wanted, parts);
    // The latter are copied first, the former fetched on the way.
    const bool by_columns = weights.bytes() > 4 * (one + (size[dim] - 1) * more);
    panel_tasks = by_columns ? std::min(tasks, weights.panels()) : 1;
    bands = std::clamp(ceil_div(tasks, panel_tasks), bands, std::max(bands, most_bands));
    if (!by_columns) panel_tasks = std::min(weights.panels(), ceil_div(tasks, bands));
  }
};

}  // namespace

ByteConvWeights::ByteConvWeights(const ConvShape& shape, ByteFinder weights, bool is_signed,
                                 const int32_t* zero_points, ThreadPool& pool, Packer& packer) {
  const size_t taps = volume(shape.kernel), channels = shape.group_in(), k = taps * channels;
  const int32_t none = is_signed ? 0 : 128;  // what zero points become as weights are made signed
  bool has_zeros = false;
  for (size_t m = 0; m < shape.out_channels; ++m)
    has_zeros = has_zeros || (zero_points ? zero_points[m] : 0) != none;
  if (shape.depthwise() && !has_zeros) {
    taps_ = ByteTaps(shape, weights, is_signed, packer);
    return;
  }
  const std::vector<TapRun> runs = tap_runs(shape);
  const size_t run_steps = runs[0].taps * channels, filled = EvenChunks(run_steps).steps();
  const size_t steps = runs.size() * filled;
  for (size_t first = 0; first < shape.out_channels; first += shape.group_out()) {
    std::vector<uint8_t> turned;  // [out channel][step]; runs are filled up with their zero point
    const auto turn = [&] {
      turned.resize(shape.group_out() * steps);
      const auto* from = static_cast<const uint8_t*>(weights()) + first * k;
      uint8_t* to = turned.data();
      for (size_t m = 0; m < shape.group_out(); ++m, from += k)
        for (const TapRun& run : runs) {
          const size_t tap = (run.z * shape.kernel[1] + run.y) * shape.kernel[2] + run.x;
          for (size_t i = 0; i < run_steps; ++i) to[i] = from[i % channels * taps + tap + i / channels];
          std::fill(to + run_steps, to + filled,
                    static_cast<uint8_t>(zero_points ? zero_points[first + m] : 0));
          to += filled;
        }
      return ByteMatrix{turned.data(), is_signed, 1, steps, 0, zero_points ? zero_points + first : nullptr};
    };
    groups_.emplace_back(turn, steps, shape.group_out(), pool, packer);
  }
}

void byte_conv(const ConvShape& shape, const ByteRows& x, const ByteConvWeights& weights,
               const IgemmOutput& output, ThreadPool& pool) {
  if (weights.taps()) return byte_depthwise(shape, x, weights.taps(), output, pool);
  const Spatial size = shape.output();
  if (shape.pointwise()) {
    for (size_t group = 0; group < shape.groups; ++group) {
      const ByteRows rows{static_cast<const uint8_t*>(x.data) + group * shape.group_in(),
                          x.is_signed,
                          shape.in_channels,
                          x.zero_point,
                          nullptr,
                          shape.group_in()};
      igemm(shape.batch * volume(size), rows, weights.group(group), output.at(group * shape.group_out()),
            pool);
    }
    return;
  }
  Run run{shape, x, weights, output, igemm_kernel(), {}};
  for (size_t group = 0; group < shape.groups; ++group) {
    const std::vector<int32_t> start =
        column_starts(output.at(group * shape.group_out()), x.zero_point + run.kernel.flip_shift(x.is_signed),
                      weights.group(group));
    run.start.insert(run.start.end(), start.begin(), start.end());
  }
  const Grid grid(run, pool.size());
  const size_t panels = weights.group(0).panels();
  pool.parallel_for(
      shape.batch * size[0] * shape.groups * grid.bands * grid.panel_tasks, 1, [&](size_t begin, size_t end) {
        for (size_t task = begin; task < end; ++task) {
          size_t rest = task;
          const auto take = [&](size_t count) {
            const size_t i = rest % count;
            rest /= count;
            return i;
          };
          const size_t columns = take(grid.panel_tasks), band = take(grid.bands);
          const size_t group = take(shape.groups), z = take(size[0]);
          const auto cut = [](size_t i, size_t whole, size_t parts) { return i * whole / parts; };
          compute(run, {rest, z, group, grid.dim, cut(band, size[grid.dim], grid.bands),
                        cut(band + 1, size[grid.dim], grid.bands), cut(columns, panels, grid.panel_tasks),
                        cut(columns + 1, panels, grid.panel_tasks)});
        }
      });
}

}  // namespace atlas::cpu
