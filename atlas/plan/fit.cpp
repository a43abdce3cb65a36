// Nelder and Mead's simplex (The Computer Journal, 1965), three times from where the last one ended, over
// constants that a logistic curve keeps between their bounds.
#include "atlas/plan/fit.h"

#include <algorithm>
#include <cmath>
#include <map>

namespace atlas {
namespace {

constexpr std::size_t kLeastRows = 6;
constexpr std::size_t kLeastRuns = 2;  // published ones are few, and the prior holds what they leave open
constexpr std::size_t kMostRows = 200;
// What moving a constant by one on its logistic curve must gain, summed over all rows.
constexpr double kPull = 0.02;
constexpr double kPullOfRuns =
    0.1;  // few rows, many constants, and published figures are uncertain by some percent
// What a run's error beyond a factor of e still counts: enough to find the way back, too little to decide.
constexpr double kBeyond = 0.1;
constexpr int kRounds = 3;
constexpr int kStepsPerConstant = 40;
constexpr int kTurns = 3;

using Point = std::vector<double>;

bool is_run(const Family& family) {
  return family.name == kRunFamily.name || family.name == kHostFamily.name;
}

// Between bounds, by logarithms: every constant is positive.
Point constants_at(const Family& family, const Point& free) {
  Point out;
  for (std::size_t i = 0; i < free.size(); ++i) {
    const double low = std::log(family.parameters[i].low);
    const double high = std::log(family.parameters[i].high);
    out.push_back(std::exp(low + (high - low) / (1 + std::exp(-free[i]))));
  }
  return out;
}

Point free_of(const Family& family, std::span<const double> constants) {
  Point out;
  for (std::size_t i = 0; i < constants.size(); ++i) {
    const ModelConstant& parameter = family.parameters[i];
    const double low = std::log(parameter.low);
    const double share =
        std::clamp((std::log(constants[i]) - low) / (std::log(parameter.high) - low), 0.02, 0.98);
    out.push_back(std::log(share / (1 - share)));
  }
  return out;
}

class Loss {
 public:
  Loss(const Family& family, const std::vector<std::vector<const Measurement*>>& chips, Point prior)
      : family_(family),
        chips_(chips),
        prior_(std::move(prior)),
        pull_(is_run(family) ? kPullOfRuns : kPull),
        beyond_(is_run(family) ? kBeyond : 0) {
    for (const std::vector<const Measurement*>& rows : chips_) rows_ += static_cast<double>(rows.size());
  }

  double operator()(const Point& free) const {
    const Point constants = constants_at(family_, free);
    double total = 0;
    for (const std::vector<const Measurement*>& rows : chips_) {
      double sum = 0;
      for (const Measurement* row : rows) {
        const double error =
            std::abs(std::log(predict_with(*row->chip, constants, row->op).seconds / row->seconds));
        sum += error < 1 ? error : 1 + beyond_ * (error - 1);
      }
      total += sum / static_cast<double>(rows.size());
    }
    double moved = 0;
    for (std::size_t i = 0; i < free.size(); ++i) moved += (free[i] - prior_[i]) * (free[i] - prior_[i]);
    return total / static_cast<double>(chips_.size()) + pull_ * moved / rows_;
  }

 private:
  const Family& family_;
  const std::vector<std::vector<const Measurement*>>& chips_;
  Point prior_;
  double pull_;
  double beyond_;
  double rows_ = 0;
};

struct Vertex {
  Point at;
  double loss;
};

Point between(const Point& from, const Point& to, double share) {
  Point out(from.size());
  for (std::size_t i = 0; i < from.size(); ++i)
    out[i] = std::clamp(from[i] + share * (to[i] - from[i]), -6.0, 6.0);
  return out;
}

Point simplex_search(const Loss& loss, const Point& start, double edge) {
  const std::size_t n = start.size();
  std::vector<Vertex> simplex{{start, loss(start)}};
  for (std::size_t i = 0; i < n; ++i) {
    Point at = start;
    at[i] += edge;
    simplex.push_back({at, loss(at)});
  }
  for (int step = 0; step < kStepsPerConstant * static_cast<int>(n); ++step) {
    std::ranges::stable_sort(simplex, {}, &Vertex::loss);
    if (simplex.back().loss - simplex.front().loss < 3e-5) break;
    Point centre(n, 0);
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = 0; j < n; ++j) centre[j] += simplex[i].at[j] / static_cast<double>(n);
    Vertex& worst = simplex.back();
    const auto tried = [&](double share) {
      Point at = between(centre, worst.at, share);
      const double value = loss(at);
      return Vertex{std::move(at), value};
    };
    Vertex mirrored = tried(-1);
    if (mirrored.loss < simplex.front().loss) {
      Vertex farther = tried(-2);
      worst = farther.loss < mirrored.loss ? std::move(farther) : std::move(mirrored);
    } else if (mirrored.loss < simplex[n - 1].loss) {
      worst = std::move(mirrored);
    } else {
      Vertex nearer = tried(mirrored.loss < worst.loss ? -0.5 : 0.5);
      if (nearer.loss < std::min(mirrored.loss, worst.loss)) {
        worst = std::move(nearer);
      } else {
        for (std::size_t i = 1; i <= n; ++i) {
          simplex[i].at = between(simplex[0].at, simplex[i].at, 0.5);
          simplex[i].loss = loss(simplex[i].at);
        }
      }
    }
  }
  return std::ranges::min_element(simplex, {}, &Vertex::loss)->at;
}

// One constant after the other over all of its range: some show only once they are large, as the time of a
// host that a busy chip hides.
Point scan(const Loss& loss, Point at) {
  double best = loss(at);
  for (int round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < at.size(); ++i) {
      for (double free = -4; free <= 4; free += 0.5) {
        Point tried = at;
        tried[i] = free;
        const double value = loss(tried);
        if (value >= best) continue;
        best = value;
        at = std::move(tried);
      }
    }
  }
  return at;
}

// "host/pytorch" of "run/pytorch-f16-train".
std::string host_key(std::string_view run) {
  const std::string_view runtime = run.substr(kRunFamily.name.size() + 1);
  return std::string(kHostFamily.name) + "/" +
         std::string(runtime.substr(0, runtime.rfind('-', runtime.rfind('-') - 1)));
}

// Lets a fit begin anew.
void restore(const std::string& key, const Constants& prior, Constants& constants) {
  const auto found = prior.values.find(key);
  if (found == prior.values.end())
    constants.values.erase(key);
  else
    constants.values[key] = found->second;
}

using RowsByKey = std::map<std::string, std::vector<Measurement>>;

// The constants of one key that suit its rows, searched from those to begin with, which stay where there are
// too few.
void fit_key(const std::string& key, const std::vector<Measurement>& all, const Constants& begin,
             Constants& constants) {
  const Family& family = family_named(family_of(key));
  const std::size_t least = is_run(family) ? kLeastRuns : kLeastRows;
  std::map<std::string, std::vector<const Measurement*>> chips;
  for (const Measurement& row : all) chips[row.chip->name].push_back(&row);
  std::vector<std::vector<const Measurement*>> rows;
  for (const auto& [chip, own] : chips) {
    if (own.size() < least) continue;
    constants.fitted_on.push_back(chip);
    std::vector<const Measurement*>& taken = rows.emplace_back();
    const double stride = std::max(1.0, static_cast<double>(own.size()) / kMostRows);
    for (double at = 0; at < static_cast<double>(own.size()); at += stride)
      taken.push_back(own[static_cast<std::size_t>(at)]);
  }
  if (rows.empty()) return;
  Point at = free_of(family, begin.at(key));
  const Loss loss(family, rows, at);
  if (is_run(family)) at = scan(loss, at);
  for (int round = 0; round < kRounds; ++round) at = simplex_search(loss, at, round % 2 == 0 ? 0.7 : -0.7);
  constants.values[key] = constants_at(family, at);
}

// Whole runs have constants of two kinds: of the chip's work, and of the host of a runtime, which all number
// formats and modes share. Each kind is fitted with the other one held, in turns, from the same prior.
void fit_runs(RowsByKey runs, const Constants& prior, Constants& constants) {
  for (int turn = 0; turn < kTurns; ++turn) {
    RowsByKey hosts;
    for (const auto& [key, rows] : runs)
      for (const Measurement& row : rows) {
        const Pace pace = pace_of(constants.at(key), std::get<Run>(row.op.sizes));
        const std::string host = host_key(key);
        hosts[host].push_back({row.chip, {host, pace}, row.seconds});
      }
    for (const auto& [key, rows] : hosts) {
      restore(key, prior, constants);
      fit_key(key, rows, constants, constants);
    }
    for (auto& [key, rows] : runs) {
      for (Measurement& row : rows)
        std::ranges::copy(constants.at(host_key(key)), std::get<Run>(row.op.sizes).host.begin());
      restore(key, prior, constants);
      fit_key(key, rows, constants, constants);
    }
  }
}

}  // namespace

Constants fit_constants(const std::vector<Measurement>& measurements, const Constants& prior) {
  Constants constants;
  constants.values = prior.values;
  RowsByKey runs;
  RowsByKey operators;
  for (const Measurement& row : measurements)
    (std::holds_alternative<Run>(row.op.sizes) ? runs : operators)[row.op.key].push_back(row);
  for (const auto& [key, rows] : operators) fit_key(key, rows, prior, constants);
  fit_runs(std::move(runs), prior, constants);
  std::ranges::sort(constants.fitted_on);
  const auto repeated = std::ranges::unique(constants.fitted_on);
  constants.fitted_on.erase(repeated.begin(), repeated.end());
  return constants;
}

}  // namespace atlas
