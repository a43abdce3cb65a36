// `atlas tokenize`: the tokens of lines of text, or the text of tokens.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <chrono>

#include "atlas/base/error.h"
#include "atlas/base/file.h"
#include "atlas/pipeline/text/tokenizer_file.h"
#include "cli/command_line.h"

namespace atlas::cli {
namespace {

std::vector<std::string> lines_of(const std::string& path) {
  std::string text = read_text(path == "-" ? "/dev/stdin" : path, Tokenizer::kMostTextBytes);
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::vector<TokenId> ids_of(const std::string& line) {
  std::vector<TokenId> ids;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at < end) {
    if (*at == ' ') {
      ++at;
      continue;
    }
    TokenId id = 0;
    const auto [after, error] = std::from_chars(at, end, id);
    require(error == std::errc() && (after == end || *after == ' '),
            "--decode: expected ids with spaces between, got '{}'", line.substr(0, 80));
    ids.push_back(id);
    at = after;
  }
  return ids;
}

void print_ids(const Encoding& encoding, bool offsets) {
  std::string out;
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    if (i > 0) out += ' ';
    out += fmt::format("{}", encoding.ids[i]);
    if (offsets) out += fmt::format(":{}-{}", encoding.offsets[i].begin, encoding.offsets[i].end);
  }
  fmt::print("{}\n", out);
}

void print_tokens(const Tokenizer& tokenizer, const Encoding& encoding) {
  std::string out;
  for (std::size_t i = 0; i < encoding.size(); ++i) {
    const std::string* token = tokenizer.token(encoding.ids[i]);
    out.append(i > 0 ? " " : "").append(token != nullptr ? *token : "?");
  }
  fmt::print("{}\n", out);
}

}  // namespace

int tokenize(Arguments arguments) {
  CommandLine line("tokenize", "Cut text into a model's tokens, line by line.");
  std::string tokenizer_path, input = "-";
  bool tokens = false, offsets = false, decode = false, plain = false, full = false, timed = false;
  line.add_option("TOKENIZER", tokenizer_path, "A tokenizer.json or a SentencePiece model")->required();
  line.add_option("FILE", input, "Text in UTF-8, a text per line (default: standard input)");
  line.add_flag("--tokens", tokens, "Print tokens in place of ids");
  line.add_flag("--offsets", offsets, "Print ids as ID:BEGIN-END, bytes of the line");
  line.add_flag("--plain", plain, "Without the special tokens around a text");
  line.add_flag("--full", full, "Neither truncated nor padded, whatever the tokenizer says");
  line.add_flag("--decode", decode, "Read ids and print their text");
  line.add_flag("--time", timed, "Tell on standard error how long loading and encoding took");
  if (!line.read(arguments)) return 0;

  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  Tokenizer tokenizer = read_tokenizer(tokenizer_path);
  const auto loaded = Clock::now();
  if (full) {
    tokenizer.truncation.reset();
    tokenizer.padding.reset();
  }
  const std::vector<std::string> lines = lines_of(input);
  if (decode) {
    for (const std::string& ids : lines) fmt::print("{}\n", tokenizer.decode(ids_of(ids)));
    return 0;
  }
  const auto begin = Clock::now();
  const std::vector<Encoding> encodings = tokenizer.encode_batch(lines, !plain);
  const auto end = Clock::now();
  for (const Encoding& encoding : encodings)
    tokens ? print_tokens(tokenizer, encoding) : print_ids(encoding, offsets);
  if (timed) {
    const auto ms = [](auto duration) { return std::chrono::duration<double, std::milli>(duration).count(); };
    fmt::print(stderr, "loaded in {:.1f} ms, encoded {} lines in {:.1f} ms\n", ms(loaded - start),
               lines.size(), ms(end - begin));
  }
  return 0;
}

}  // namespace atlas::cli
