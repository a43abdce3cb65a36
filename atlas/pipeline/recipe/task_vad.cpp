// Task `vad`: where somebody speaks, by a model of Silero's kind, version 5.
#include <fmt/core.h>

#include <algorithm>

#include "atlas/base/error.h"
#include "atlas/base/stopwatch.h"
#include "atlas/pipeline/audio/mono.h"
#include "atlas/pipeline/audio/resample.h"
#include "atlas/pipeline/audio/speech_segments.h"
#include "atlas/pipeline/recipe/tasks.h"
#include "atlas/pipeline/session_model.h"

namespace atlas {
namespace {

constexpr int kRateHz = 16000;
constexpr std::int64_t kWindow = 512;
constexpr std::int64_t kContext = 64;  // samples of the window before that lead each window

struct VadSettings {
  std::string model;
  float threshold = 0.5f;
  float release = 0.35f;
  std::int64_t least_speech_ms = 250;
  std::int64_t least_silence_ms = 100;
  std::int64_t padding_ms = 30;

  void declare(Fields& fields) {
    fields.file({"model",
                 "From samples at 16 kHz f32 [1, 576], a state f32 [2, 1, 128] and the rate to a "
                 "probability [1, 1] and the next state"},
                model);
    fields.number({"threshold", "Probability at which speech begins", true}, threshold, 0, 1);
    fields.number({"release", "Probability below which speech ends", true}, release, 0, 1);
    fields.integer({"least_speech_ms", "Shorter stretches of speech are left out", true}, least_speech_ms, 0,
                   60'000);
    fields.integer({"least_silence_ms", "Shorter gaps do not end a stretch", true}, least_silence_ms, 0,
                   60'000);
    fields.integer({"padding_ms", "What a stretch gets at each end", true}, padding_ms, 0, 60'000);
  }
};

std::int64_t samples_of(std::int64_t ms) {
  return ms * kRateHz / 1000;
}

class Vad : public Task {
 public:
  using Settings = VadSettings;

  Vad(const VadSettings& settings, RecipeFiles& files)
      : model_(model_of(files.open(settings.model))),
        options_{.threshold = settings.threshold,
                 .release = settings.release,
                 .least_speech = samples_of(settings.least_speech_ms),
                 .least_silence = samples_of(settings.least_silence_ms),
                 .padding = samples_of(settings.padding_ms)} {}

  RecipeResult run(const RecipeInput& input) const override {
    RecipeResult out;
    Stopwatch watch;
    const std::vector<float> samples = resample(mix_down(input.sound), input.sound.rate_hz, kRateHz);
    out.stages.push_back({"prepare", watch.milliseconds()});
    watch = Stopwatch();
    const std::vector<float> probabilities = listen(samples);
    out.stages.push_back({"listen", watch.milliseconds()});
    const auto count = static_cast<std::int64_t>(samples.size());
    Json segments = Json::array();
    for (const SpeechSegment& segment : speech_segments(probabilities, kWindow, count, options_)) {
      const double start = static_cast<double>(segment.begin) / kRateHz,
                   end = static_cast<double>(segment.end) / kRateHz;
      segments.add(Json::object({{"start", start}, {"end", end}}));
      out.lines.push_back(fmt::format("{:8.3f} s to {:8.3f} s", start, end));
    }
    if (out.lines.empty()) out.lines.push_back("no speech");
    out.answer = {{"duration", static_cast<double>(count) / kRateHz}, {"segments", std::move(segments)}};
    return out;
  }

 private:
  /// The probability of speech in each window; the last is filled up with silence.
  std::vector<float> listen(const std::vector<float>& samples) const {
    std::vector<float> out;
    Tensor state(DType::F32, {2, 1, 128});
    std::ranges::fill(state.values_mutable<float>(), 0.0f);
    const Tensor rate = Tensor::of<std::int64_t>({}, {kRateHz});
    const auto count = static_cast<std::int64_t>(samples.size());
    for (std::int64_t at = 0; at < count; at += kWindow) {
      Tensor window(DType::F32, {1, kContext + kWindow});
      const auto to = window.values_mutable<float>();
      for (std::int64_t i = -kContext; i < kWindow; ++i) {
        const bool is_sound = at + i >= 0 && at + i < count;
        to[static_cast<std::size_t>(i + kContext)] =
            is_sound ? samples[static_cast<std::size_t>(at + i)] : 0.0f;
      }
      std::vector<Tensor> outputs = model_({window, state, rate});
      require(outputs.size() == 2 && outputs[0].dtype() == DType::F32 && outputs[0].element_count() == 1 &&
                  outputs[1].dtype() == DType::F32 && outputs[1].shape() == state.shape(),
              "vad: expected a probability f32[1,1] and a state f32[2,1,128], got {} outputs, the first {}",
              outputs.size(), outputs.empty() ? "none" : text(outputs[0]));
      out.push_back(outputs[0].values<float>()[0]);
      state = std::move(outputs[1]);
    }
    return out;
  }

  Model model_;
  SegmentOptions options_;
};

}  // namespace

TaskEntry vad_task() {
  return task_entry<Vad>("vad", "Where somebody speaks", InputKind::Sound);
}

}  // namespace atlas
