// Session and Port: a graph compiled, run with the interpreter free for other threads.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <memory>

#include "atlas/base/deadline.h"
#include "atlas/base/error.h"
#include "atlas/run/compiled_model.h"
#include "python/arrays.h"
#include "python/bindings.h"
#include "python/element_types.h"
#include "python/interrupts.h"

namespace atlas::python {
namespace {

struct PySession {
  std::unique_ptr<Registry> registry;  // at one place as long as the session lives
  std::unique_ptr<Session> session;
  std::string notice;
};

// Sizes of a tensor: numbers, symbols, None where nothing is known.
nb::object shape_of(const Type& type) {
  if (!type.is_tensor() || !type.dims) return nb::none();
  nb::list out;
  for (const Dim& dim : *type.dims) {
    if (dim.is_unknown())
      out.append(nb::none());
    else if (dim.is_constant())
      out.append(dim.value());
    else
      out.append(dim.text());
  }
  return nb::tuple(out);
}

nb::object dtype_of_port(const Type& type) {
  if (!type.is_tensor()) return nb::none();
  if (type.dtype == DType::String) return nb::str("object");
  const ElementType* element = element_type(type.dtype);
  return element == nullptr ? nb::none() : nb::object(nb::str(element->numpy));
}

std::size_t position(const std::vector<Port>& ports, const std::string& name, const char* kind) {
  const auto found = std::ranges::find(ports, name, &Port::name);
  if (found != ports.end()) return static_cast<std::size_t>(found - ports.begin());
  std::string known;
  for (const Port& port : ports) known += (known.empty() ? "" : ", ") + port.name;
  fail(ErrorCode::InvalidArgument, "{} '{}': expected one of {}", kind, name, known);
}

// Arrays by position or by name, in the order of the ports.
template <typename Convert>
std::vector<Datum> ordered(const std::vector<Port>& ports, nb::handle given, bool by_name, const char* kind,
                           Convert convert) {
  std::vector<Datum> out(ports.size());
  const auto put = [&](std::size_t i, nb::handle value) {
    out[i] = convert(value, ports[i].type, std::string(kind) + " '" + ports[i].name + "'");
  };
  if (by_name) {
    for (const auto& [name, value] : nb::borrow<nb::dict>(given))
      put(position(ports, nb::cast<std::string>(name), kind), value);
    return out;
  }
  const std::size_t count = nb::len(given);
  require(count <= ports.size(), "expected {} {}s, got {}", ports.size(), kind, count);
  for (std::size_t i = 0; i < count; ++i) put(i, nb::object(given[i]));
  return out;
}

RunOptions run_options(const std::optional<double>& timeout, std::uint64_t seed) {
  RunOptions options;
  options.seed = seed;
  if (!timeout) return options;
  require(*timeout > 0, "timeout: expected a number of seconds above 0, got {}", *timeout);
  options.deadline = deadline_in(*timeout);
  return options;
}

// Runs while other threads of Python do; Ctrl-C becomes KeyboardInterrupt.
void run_released(const Session& session, std::span<const Datum> inputs, std::span<Datum> outputs,
                  RunOptions options) {
  const InterruptWatch watch;
  if (PyErr_CheckSignals() != 0) throw nb::python_error();  // Ctrl-C that came before there was a watch
  options.cancelled = watch.flag();
  try {
    const nb::gil_scoped_release release;
    session.run(inputs, outputs, options);
  } catch (const Error& error) {
    if (error.code() == ErrorCode::Cancelled && PyErr_CheckSignals() != 0) throw nb::python_error();
    throw;
  }
}

nb::object run(const PySession& self, nb::args inputs, nb::handle out, const std::optional<double>& timeout,
               std::uint64_t seed) {
  const Session& session = *self.session;
  const std::vector<Port>& ports = session.inputs();
  const bool takes_map = ports.size() == 1 && ports[0].type.kind == Type::Kind::Map;
  const bool by_name = inputs.size() == 1 && nb::isinstance<nb::dict>(inputs[0]) && !takes_map;
  const nb::object given = by_name ? nb::object(inputs[0]) : nb::object(inputs);
  const std::vector<Datum> data = ordered(ports, given, by_name, "input", to_datum);
  std::vector<Datum> results(session.outputs().size());
  const bool out_by_name = nb::isinstance<nb::dict>(out);
  if (!out.is_none())
    results = ordered(session.outputs(), out, out_by_name, "output",
                      [](nb::handle array, const Type&, const std::string& where) -> Datum {
                        if (array.is_none()) return {};
                        return to_lent_tensor(array, where);
                      });
  std::vector<bool> is_lent;
  for (const Datum& result : results) is_lent.push_back(!result.is_empty());
  run_released(session, data, results, run_options(timeout, seed));

  nb::list listed;
  nb::dict named;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const nb::str name(session.outputs()[i].name.c_str());
    nb::object array;
    if (is_lent[i])
      array = out_by_name ? nb::object(out[name]) : nb::object(out[i]);
    else
      array = from_datum(results[i]);
    if (by_name)
      named[name] = array;
    else
      listed.append(array);
  }
  return by_name ? nb::object(named) : nb::object(listed);
}

void make(PySession* self, nb::handle model, std::size_t threads, bool strict, const std::string& target,
          const std::vector<std::string>& disabled_passes, std::optional<std::size_t> memory_limit,
          std::size_t node_limit, const std::string& precision) {
  constexpr std::size_t kMostThreads = 4096;
  require(threads <= kMostThreads, "threads: expected at most {}, got {}", kMostThreads, threads);
  SessionOptions options;
  options.threads = threads;
  options.strict = strict;
  options.target = target;
  options.precision = precision_named(precision);
  options.passes.disabled = disabled_passes;
  if (memory_limit) options.limits.memory = std::make_shared<MemoryBudget>(*memory_limit);
  options.limits.nodes = node_limit;
  PySession made{std::make_unique<Registry>(standard_registry()), nullptr, ""};
  if (const std::optional<std::string> path = path_of_model(model)) {
    const nb::gil_scoped_release release;
    OpenedSession opened = open_session(*path, *made.registry, options);
    made.session = std::make_unique<Session>(std::move(opened.session));
    made.notice = std::move(opened.notice);
  } else {
    Graph graph = read_model(model, options.limits);
    const nb::gil_scoped_release release;
    made.session = std::make_unique<Session>(std::move(graph), *made.registry, std::move(options));
  }
  if (!made.notice.empty() && PyErr_WarnEx(PyExc_UserWarning, made.notice.c_str(), 1) != 0)
    throw nb::python_error();
  new (self) PySession(std::move(made));
}

std::string summary(const PySession& self) {
  std::string out = "<atlas.Session";
  for (const Port& port : self.session->inputs()) out += " " + port.name + ": " + text(port.type) + ",";
  if (out.ends_with(",")) out.pop_back();
  out += " ->";
  for (const Port& port : self.session->outputs()) out += " " + port.name + ": " + text(port.type) + ",";
  if (out.ends_with(",")) out.pop_back();
  return out + ">";
}

constexpr const char* kSessionDoc =
    "A model compiled for this machine, ready to run any number of times, by any number of threads.\n"
    "\n"
    "    session = atlas.Session(\"model.onnx\", threads=2)\n"
    "    outputs = session.run({\"x\": array})   # by name: a dict of arrays\n"
    "    y, z = session.run(array)             # by position: a list of arrays\n"
    "\n"
    "`model` is the path of an ONNX file, a compiled file or a text form, the bytes of an ONNX model, an "
    "onnx.ModelProto or "
    "an\n"
    "atlas.Graph. `threads`: 0 stands for all that the process may use. `strict`: a node without a kernel, "
    "which would\n"
    "run by its slow reference, is an error. `disabled_passes`: names of rewrites to leave out.\n"
    "`memory_limit`: bytes that the tensors of the model and of its runs may take together (None: what the "
    "process may\n"
    "use). `node_limit`: nodes that the model may have. `precision`: \"bf16\" rounds the factors of "
    "products, "
    "which is\n"
    "several times faster where the processor multiplies bfloat16 itself; sums stay f32. \"int8\" rounds "
    "those "
    "of products\n"
    "with constant matrices to 8-bit levels, faster on every processor.";

constexpr const char* kRunDoc =
    "Runs the model on one dict of inputs by name, and returns a dict; or on inputs by position, and returns "
    "a list.\n"
    "\n"
    "Inputs are numpy arrays, anything with DLPack or the buffer protocol (torch tensors, memoryviews), or "
    "lists and\n"
    "numbers. Dense arrays are read in place. None, or leaving it out, keeps an input's default. Sequences "
    "are lists,\n"
    "maps are dicts.\n"
    "\n"
    "`out`: arrays to write results into, in place, by name or position; None where Atlas makes the array.\n"
    "`timeout`: seconds after which the run ends with an Error. Ctrl-C ends it too. `seed`: of random "
    "operators.";

}  // namespace

void bind_session(nb::module_& module) {
  nb::class_<Port>(module, "Port", "Name and type of an input or output of a session.")
      .def_prop_ro("name", [](const Port& self) { return self.name; })
      .def_prop_ro(
          "type", [](const Port& self) { return text(self.type); }, "As in the text form: 'f32[N,3]'.")
      .def_prop_ro(
          "dtype", [](const Port& self) { return dtype_of_port(self.type); },
          nb::sig("def dtype(self) -> str | None"),
          "The name of numpy's (or ml_dtypes') element type; None for what is no tensor.")
      .def_prop_ro(
          "shape", [](const Port& self) { return shape_of(self.type); },
          nb::sig("def shape(self) -> tuple[int | str | None, ...] | None"),
          "A tuple of numbers, of symbols as str, of None where a size is not known; None where the rank is "
          "not.")
      .def_prop_ro(
          "has_default", [](const Port& self) { return self.has_default; }, "Whether it may be left out.")
      .def("__repr__",
           [](const Port& self) { return "<atlas.Port " + self.name + ": " + text(self.type) + ">"; });

  nb::class_<PySession>(module, "Session", kSessionDoc)
      .def("__init__", make, nb::arg("model"), nb::kw_only(), nb::arg("threads") = 0,
           nb::arg("strict") = false, nb::arg("target") = "cpu",
           nb::arg("disabled_passes") = std::vector<std::string>(), nb::arg("memory_limit") = nb::none(),
           nb::arg("node_limit") = Limits().nodes, nb::arg("precision") = "f32")
      .def_prop_ro(
          "inputs", [](const PySession& self) { return self.session->inputs(); }, "What it takes.")
      .def_prop_ro(
          "outputs", [](const PySession& self) { return self.session->outputs(); }, "What it gives.")
      .def_prop_ro(
          "fallbacks", [](const PySession& self) { return self.session->fallbacks(); },
          "Nodes that run by their slow reference for want of a kernel.")
      .def_prop_ro(
          "notice", [](const PySession& self) { return self.notice; },
          "Why a compiled file did not serve as it is, which was a warning too; '' otherwise.")
      .def("run", run, nb::arg("inputs"), nb::kw_only(), nb::arg("out") = nb::none(),
           nb::arg("timeout") = nb::none(), nb::arg("seed") = 0,
           nb::sig("def run(self, *inputs: typing.Any, out: typing.Any = None, timeout: float | None = None, "
                   "seed: int = 0) -> typing.Any"),
           kRunDoc)
      .def("__repr__", summary);
}

}  // namespace atlas::python
