// Two visitors of the form: one writes a machine, one writes the schema.
#include "atlas/machine/machine_json.h"

#include <fmt/core.h>

#include <span>

#include "atlas/machine/machine_form.h"

namespace atlas {
namespace {

Json figure_json(const Figure& figure, Dimension dimension) {
  return Json::object({{"value", figure.value},
                       {"text", format_quantity(figure.value, dimension)},
                       {"estimate", figure.estimate},
                       {"source", figure.source}});
}

struct Writer {
  Json json = Json::object();

  void word(const char* key, std::string& from, const char*, bool = false) {
    if (!from.empty()) json.set(key, from);
  }
  void choice(const char* key, std::string& from, std::span<const std::string_view>, const char*,
              bool = false) {
    if (!from.empty()) json.set(key, from);
  }
  void figure(const char* key, Figure& from, Dimension dimension, const char*, bool = false) {
    if (from.known()) json.set(key, figure_json(from, dimension));
  }
  void sourced(const char* key, SourcedText& from, const char*) {
    if (!from.text.empty())
      json.set(key,
               Json::object({{"text", from.text}, {"estimate", from.estimate}, {"source", from.source}}));
  }
  void rates(const char* key, std::vector<Rate>& from, Dimension dimension, const char*, bool = false) {
    if (from.empty()) return;
    Json rates = Json::object();
    for (const Rate& rate : from) rates.set(rate.format, figure_json(rate.rate, dimension));
    json.set(key, std::move(rates));
  }
  void words(const char* key, std::vector<std::string>& from, const char*) {
    if (!from.empty()) json.set(key, Json::array_of(from));
  }
  void count(const char* key, int& from, int, int, const char*, bool = false) { json.set(key, from); }
  template <typename Part>
  void part(const char* key, Part& from, const char*) {
    Writer inner;
    visit(inner, from);
    json.set(key, std::move(inner.json));
  }
  template <typename Part>
  void parts(const char* key, std::vector<Part>& from, const char*, bool = false) {
    if (from.empty()) return;
    Json list = Json::array();
    for (Part& item : from) {
      Writer inner;
      visit(inner, item);
      list.add(std::move(inner.json));
    }
    json.set(key, std::move(list));
  }
};

struct SchemaWriter {
  Json properties = Json::object();
  Json required = Json::array();

  void add(const char* key, Json property, const char* what, bool needed) {
    property.set("description", what);
    properties.set(key, std::move(property));
    if (needed) required.add(key);
  }
  Json finished() {
    return Json::object({{"type", "object"},
                         {"additionalProperties", false},
                         {"required", std::move(required)},
                         {"properties", std::move(properties)}});
  }
  static Json figure_schema(Dimension dimension) {
    return Json::object({{"type", "string"},
                         {"pattern", "^[0-9.eE+-]+( [A-Za-z/0-9]+)? \\(.+\\)$"},
                         {"$comment", describe(dimension) + ", then its source in parentheses"}});
  }
  static Json enumeration(std::span<const std::string_view> among) {
    return Json::object({{"type", "string"}, {"enum", Json::array_of(among)}});
  }

  void word(const char* key, std::string&, const char* what, bool needed = false) {
    add(key, Json::object({{"type", "string"}}), what, needed);
  }
  void choice(const char* key, std::string&, std::span<const std::string_view> among, const char* what,
              bool needed = false) {
    add(key, enumeration(among), what, needed);
  }
  void figure(const char* key, Figure&, Dimension dimension, const char* what, bool needed = false) {
    add(key, figure_schema(dimension), what, needed);
  }
  void sourced(const char* key, SourcedText&, const char* what) {
    add(key, Json::object({{"type", "string"}, {"pattern", "^.+ \\(.+\\)$"}}), what, false);
  }
  void rates(const char* key, std::vector<Rate>&, Dimension dimension, const char* what,
             bool needed = false) {
    add(key,
        Json::object({{"type", "object"},
                      {"propertyNames", enumeration(kNumberFormats)},
                      {"minProperties", 1},
                      {"additionalProperties", figure_schema(dimension)}}),
        what, needed);
  }
  void words(const char* key, std::vector<std::string>&, const char* what) {
    add(key, Json::object({{"type", "array"}, {"items", Json::object({{"type", "string"}})}}), what, false);
  }
  void count(const char* key, int&, int least, int most, const char* what, bool needed = false) {
    add(key, Json::object({{"type", "integer"}, {"minimum", least}, {"maximum", most}}), what, needed);
  }
  template <typename Part>
  void part(const char* key, Part&, const char* what) {
    add(key, schema_of<Part>(), what, false);
  }
  template <typename Part>
  void parts(const char* key, std::vector<Part>&, const char* what, bool needed = false) {
    add(key, Json::object({{"type", "array"}, {"items", schema_of<Part>()}}), what, needed);
  }
  template <typename Part>
  static Json schema_of() {
    SchemaWriter inner;
    Part blank;
    visit(inner, blank);
    return inner.finished();
  }
};

}  // namespace

Json machine_json(const Machine& machine) {
  Machine copy = machine;
  Writer writer;
  writer.json.set("name", machine.name);
  visit(writer, copy);
  return std::move(writer.json);
}

Json machine_schema() {
  SchemaWriter writer;
  Machine blank;
  visit(writer, blank);
  writer.properties.set(
      "sources", Json::object({{"type", "object"},
                               {"additionalProperties", Json::object({{"type", "string"}})},
                               {"description", "what stands in parentheses behind figures, spelled out"}}));
  Json schema = Json::object(
      {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "A machine of Atlas"}});
  Json body = writer.finished();
  schema.set("allOf", Json::array({std::move(body)}));
  return schema;
}

}  // namespace atlas
