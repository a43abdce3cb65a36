// Tokenizers, recipes, descriptions of machines.
#include "atlas/base/yaml.h"
#include "atlas/machine/machine_json.h"
#include "atlas/machine/machine_reader.h"
#include "atlas/pipeline/recipe/recipe.h"
#include "atlas/pipeline/text/tokenizer_file.h"
#include "tests/fuzz/targets.h"

namespace atlas::fuzz {

void tokenizer(Bytes bytes) {
  const Tokenizer tokenizer = parse_tokenizer(text(bytes), "tokenizer");
  constexpr std::string_view kText =
      "Hello, World!  It's 3.14 \t\n\xc3\xa9t\xc3\xa9 \xe4\xbd\xa0\xe5\xa5\xbd \xf0\x9f\x98\x80 <s>[CLS] "
      "don't";
  const Encoding encoding = tokenizer.encode_pair(kText, "second text");
  tokenizer.decode(encoding.ids, false);
  tokenizer.decode(encoding.ids, true);
}

void recipe(Bytes bytes) {
  check_recipe(Yaml::parse(std::string(text(bytes)), "recipe.yaml"));
}

void machine(Bytes bytes) {
  machine_json(parse_machine(std::string(text(bytes)), "machine.yaml")).text();
}

}  // namespace atlas::fuzz
