#include "decoder.h"

#include <algorithm>
#include <set>

#include "decoding.h"

namespace software_cuda {

namespace {

class Decoder {
 public:
  Decoder(const Syntax& syntax, const FunctionSyntax& kernel) : names_(syntax, program_), layout_(syntax) {
    layout_.begin_of(kernel);
  }

  Program run() {
    for (size_t f = 0; f < layout_.functions().size(); f++) decode(*layout_.functions()[f]);
    const FunctionSyntax& kernel = *layout_.functions()[0];
    if (layout_.is_recursive()) fail_at(kernel.line, kernel.name, "recursive calls are not supported");
    names_.finish();
    return std::move(program_);
  }

 private:
  void decode(const FunctionSyntax& function) {
    names_.enter(function);
    for (const Statement& statement : function.statements) decode(statement);
    Instruction end;
    end.flow = Flow::kReturn;
    end.source = add_source(function.line, "the end of " + std::string(function.name));
    program_.code.push_back(end);
  }

  void decode(const Statement& statement) {
    Decoding decoding(statement, names_, layout_, program_);
    const auto found = opcodes().find(decoding.opcode());
    if (found == opcodes().end()) decoding.fail("the opcode " + std::string(decoding.opcode()) + " is not known");
    decoding.i.extra = static_cast<uint32_t>(program_.extra.size());
    found->second(decoding);
    decoding.expect_no_modifiers();
    if (!statement.guard.empty()) {
      Expression guard;
      guard.name = statement.guard;
      decoding.i.guard = decoding.predicate_in(guard) ^ (statement.guard_negated ? kNegated : 0);
    }
    decoding.i.source = add_source(statement.line, on_one_line(statement.text));
    program_.code.push_back(decoding.i);
  }

  uint32_t add_source(int line, std::string text) {
    program_.sources.push_back({line, std::move(text)});
    return static_cast<uint32_t>(program_.sources.size() - 1);
  }

  Program program_;
  Names names_;
  CodeLayout layout_;
};

}  // namespace

const FunctionSyntax* CodeLayout::find(std::string_view name) const {
  const FunctionSyntax* best = nullptr;
  for (const FunctionSyntax& f : syntax_.functions) {
    if (f.name == name && (!best || f.defined)) best = &f;
  }
  return best;
}

uint32_t CodeLayout::begin_of(const FunctionSyntax& function) {
  const auto known = std::find(functions_.begin(), functions_.end(), &function);
  if (known != functions_.end()) return begins_[static_cast<size_t>(known - functions_.begin())];
  functions_.push_back(&function);
  begins_.push_back(end_);
  end_ += static_cast<uint32_t>(function.statements.size()) + 1;
  return begins_.back();
}

bool CodeLayout::is_recursive() const {
  // Strikes off functions that call nothing that is left, until none can be struck off.
  std::set<const FunctionSyntax*> left(functions_.begin(), functions_.end());
  for (size_t before = left.size() + 1; left.size() < before;) {
    before = left.size();
    for (auto f = left.begin(); f != left.end();) {
      const bool calls = std::any_of(calls_.begin(), calls_.end(),
                                     [&](const auto& call) { return call.first == *f && left.count(call.second); });
      f = calls ? std::next(f) : left.erase(f);
    }
  }
  return !left.empty();
}

Program decode(const Syntax& syntax, const FunctionSyntax& kernel) { return Decoder(syntax, kernel).run(); }

}  // namespace software_cuda
