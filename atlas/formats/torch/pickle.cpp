// A machine with a stack and a memo, as pickletools documents it; a call is recorded, never made.
#include "atlas/formats/torch/pickle.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "atlas/base/error.h"

namespace atlas {

class PickleMachine {
 public:
  using Kind = PickleValue::Kind;
  using Number = std::uint32_t;

  PickleMachine(Pickle& to, std::span<const std::uint8_t> bytes, std::size_t& at,
                std::span<const std::string_view> allowed, std::string_view where)
      : to_(to), bytes_(bytes), at_(at), allowed_(allowed), where_(where) {}

  void run() {
    while (step(static_cast<char>(byte()))) {
    }
    to_.root_ = pop();
  }

 private:
  static constexpr std::size_t kMostValues = 1'000'000;
  static constexpr std::size_t kMostText = std::size_t{64} << 20;
  static constexpr std::size_t kMostLine = 256;
  static constexpr Number kMark = ~Number{0};

  /// Executes one opcode; false at the end.
  bool step(char opcode) {
    switch (opcode) {
      case '\x80':  // PROTO
        require(byte() <= 5, "{}: expected pickle protocol 5 or older", where_);
        break;
      case '\x95':  // FRAME: a length that a reader of memory has no use for
        take(8);
        break;
      case '.':  // STOP
        return false;
      case '(':
        push(kMark);
        break;
      case 'N':
        push_new({.kind = Kind::None});
        break;
      case '\x88':
      case '\x89':
        push_new({.kind = Kind::Bool, .integer = opcode == '\x88'});
        break;
      case 'K':
        push_integer(static_cast<std::int64_t>(number(1)));
        break;
      case 'M':
        push_integer(static_cast<std::int64_t>(number(2)));
        break;
      case 'J':
        push_integer(static_cast<std::int32_t>(number(4)));
        break;
      case '\x8a':
        push_integer(long_integer());
        break;
      case 'G':
        push_new({.kind = Kind::Real, .real = big_endian_real()});
        break;
      case 'X':
        push_text(number(4));
        break;
      case '\x8c':
        push_text(number(1));
        break;
      case ')':
        push_new({.kind = Kind::Tuple});
        break;
      case '\x85':
      case '\x86':
      case '\x87':
        push_tuple(static_cast<std::size_t>(opcode - '\x84'));
        break;
      case 't':
        push_new({.kind = Kind::Tuple, .items = pop_to_mark()});
        break;
      case ']':
        push_new({.kind = Kind::List});
        break;
      case '}':
        push_new({.kind = Kind::Dict});
        break;
      case 'a':
        add_items(Kind::List, {pop()});
        break;
      case 'e':
        add_items(Kind::List, pop_to_mark());
        break;
      case 's': {
        const Number value = pop();
        add_items(Kind::Dict, {pop(), value});
        break;
      }
      case 'u':
        add_items(Kind::Dict, pop_to_mark());
        break;
      case 'c': {
        std::string name = line();
        name += ' ';
        push_global(name + line());
        break;
      }
      case '\x93': {  // STACK_GLOBAL
        const std::string name = popped(Kind::Text).text;
        push_global(popped(Kind::Text).text + " " + name);
        break;
      }
      case 'R':
        call();
        break;
      case 'b':  // BUILD: an object's state, of which a checkpoint has none to speak of
        pop();
        push(pop());
        break;
      case 'Q':
        push_new({.kind = Kind::Persistent, .items = {pop()}});
        break;
      case 'q':
        memo_[number(1)] = top();
        break;
      case 'r':
        memo_[number(4)] = top();
        break;
      case '\x94':
        memo_[memo_.size()] = top();
        break;
      case 'h':
        push(remembered(number(1)));
        break;
      case 'j':
        push(remembered(number(4)));
        break;
      default:
        fail(ErrorCode::InvalidArgument,
             "{}: pickle opcode 0x{:02x} is none that tensors need (nothing was run)", where_,
             static_cast<unsigned char>(opcode));
    }
    return true;
  }

  std::span<const std::uint8_t> take(std::uint64_t count) {
    require(count <= bytes_.size() - at_, "{}: pickle is cut short", where_);
    at_ += count;
    return bytes_.subspan(at_ - count, count);
  }
  std::uint8_t byte() { return take(1)[0]; }
  std::uint64_t number(std::size_t size_bytes) {
    std::uint64_t value = 0;
    const auto part = take(size_bytes);
    for (std::size_t i = size_bytes; i-- > 0;) value = value << 8 | part[i];
    return value;
  }
  /// Two's complement of any length; what does not fit is cut, as nothing here is that large.
  std::int64_t long_integer() {
    const auto part = take(byte());
    std::uint64_t value = !part.empty() && part.back() >= 0x80 ? ~std::uint64_t{0} : 0;
    for (std::size_t i = std::min<std::size_t>(part.size(), 8); i-- > 0;) value = value << 8 | part[i];
    return static_cast<std::int64_t>(value);
  }
  double big_endian_real() {
    std::uint64_t bits = 0;
    for (const std::uint8_t part : take(8)) bits = bits << 8 | part;
    return std::bit_cast<double>(bits);
  }
  std::string line() {
    std::string out;
    for (char c = static_cast<char>(byte()); c != '\n'; c = static_cast<char>(byte())) {
      require(out.size() < kMostLine, "{}: pickle names something of more than {} bytes", where_, kMostLine);
      out += c;
    }
    return out;
  }

  void push(Number number) {
    if (stack_.size() >= kMostValues)
      fail(ErrorCode::ResourceExhausted, "{}: pickle with more than {} values", where_, kMostValues);
    stack_.push_back(number);
  }
  void push_new(PickleValue value) {
    count(value.items.size());
    to_.values_.push_back(std::move(value));
    push(static_cast<Number>(to_.values_.size() - 1));
  }
  /// Bounds values and the items in them together.
  void count(std::size_t items) {
    counted_ += items + 1;
    if (counted_ > 4 * kMostValues || to_.values_.size() >= kMostValues)
      fail(ErrorCode::ResourceExhausted, "{}: pickle with more than {} values", where_, kMostValues);
  }
  void push_integer(std::int64_t value) { push_new({.kind = Kind::Integer, .integer = value}); }
  void push_text(std::uint64_t length) {
    text_bytes_ += length;
    if (length > kMostText || text_bytes_ > kMostText)
      fail(ErrorCode::ResourceExhausted, "{}: pickle with more than {} bytes of text", where_, kMostText);
    const auto part = take(length);
    push_new({.kind = Kind::Text, .text = std::string(part.begin(), part.end())});
  }
  void push_tuple(std::size_t size) {
    std::vector<Number> items(size);
    for (std::size_t i = size; i-- > 0;) items[i] = pop();
    push_new({.kind = Kind::Tuple, .items = std::move(items)});
  }
  void push_global(const std::string& name) {
    require(std::ranges::find(allowed_, name) != allowed_.end(),
            "{}: pickle asks for '{}', which is none of what tensors need (nothing was run)", where_, name);
    push_new({.kind = Kind::Global, .text = name});
  }

  Number top() const {
    require(!stack_.empty() && stack_.back() != kMark, "{}: pickle is damaged: its stack is empty", where_);
    return stack_.back();
  }
  Number pop() {
    const Number out = top();
    stack_.pop_back();
    return out;
  }
  const PickleValue& popped(Kind kind) {
    const PickleValue& value = to_.values_[pop()];
    require(value.kind == kind, "{}: pickle is damaged: a value is of another kind than its use", where_);
    return value;
  }
  std::vector<Number> pop_to_mark() {
    const auto mark = std::find(stack_.rbegin(), stack_.rend(), kMark);
    require(mark != stack_.rend(), "{}: pickle is damaged: a mark is missing", where_);
    std::vector<Number> out(mark.base(), stack_.end());
    stack_.erase(mark.base() - 1, stack_.end());
    return out;
  }
  Number remembered(std::uint64_t number) const {
    const auto found = memo_.find(number);
    require(found != memo_.end(), "{}: pickle is damaged: it recalls what it never kept", where_);
    return found->second;
  }
  /// Adds to the list or dict on top of the stack.
  void add_items(Kind kind, const std::vector<Number>& items) {
    PickleValue& container = to_.values_[top()];
    require(container.kind == kind && (kind != Kind::Dict || items.size() % 2 == 0),
            "{}: pickle is damaged: items for no container", where_);
    count(items.size());
    container.items.insert(container.items.end(), items.begin(), items.end());
  }
  void call() {
    const Number arguments = pop();
    const Number callee = pop();
    require(to_.values_[arguments].kind == Kind::Tuple && to_.values_[callee].kind == Kind::Global,
            "{}: pickle is damaged: a call of what cannot be called", where_);
    if (to_.values_[callee].text == "collections OrderedDict") {
      require(to_.values_[arguments].items.empty(), "{}: expected an OrderedDict that is filled item by item",
              where_);
      push_new({.kind = Kind::Dict});
    } else {
      push_new({.kind = Kind::Call, .items = {callee, arguments}});
    }
  }

  Pickle& to_;
  std::span<const std::uint8_t> bytes_;
  std::size_t& at_;
  std::span<const std::string_view> allowed_;
  std::string_view where_;
  std::vector<Number> stack_;
  std::unordered_map<std::uint64_t, Number> memo_;
  std::size_t counted_ = 0;
  std::uint64_t text_bytes_ = 0;
};

Pickle::Pickle(std::span<const std::uint8_t> bytes, std::size_t& at,
               std::span<const std::string_view> allowed, std::string_view where) {
  require(at <= bytes.size(), "{}: pickle is cut short", where);
  PickleMachine(*this, bytes, at, allowed, where).run();
}

}  // namespace atlas
