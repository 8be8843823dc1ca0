#include "parser.h"

#include <algorithm>
#include <optional>

namespace software_cuda {

namespace {

std::optional<Space> space_named(std::string_view name) {
  if (name == ".global") return Space::kGlobal;
  if (name == ".const") return Space::kConst;
  if (name == ".shared") return Space::kShared;
  if (name == ".local") return Space::kLocal;
  if (name == ".param") return Space::kParam;
  return std::nullopt;
}

std::vector<std::string_view> parts_of(std::string_view opcode) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= opcode.size();) {
    const size_t end = std::min(opcode.find('.', begin), opcode.size());
    parts.push_back(opcode.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

class Parser {
 public:
  explicit Parser(std::string_view ptx) : tokens_(ptx) {}

  Syntax run() {
    while (!tokens_.at_end()) directive();
    return std::move(syntax_);
  }

 private:
  void directive() {
    external_ = false;
    while (tokens_.at(".visible") || tokens_.at(".extern") || tokens_.at(".weak") || tokens_.at(".common")) {
      external_ |= tokens_.next().text == ".extern";
    }
    if (tokens_.take(".version") || tokens_.take(".address_size")) {
      tokens_.next();
    } else if (tokens_.take(".target")) {
      do tokens_.next();
      while (tokens_.take(","));
    } else if (tokens_.at(".file") || tokens_.at(".section") || tokens_.at(".pragma")) {
      debugging();
    } else if (tokens_.at(".entry") || tokens_.at(".func")) {
      function();
    } else if (const auto space = space_named(tokens_.peek().text); space && *space != Space::kParam) {
      tokens_.next();
      variables(*space, [this](Declaration d) { syntax_.variables.push_back(std::move(d)); });
    } else if (!tokens_.take(";")) {
      tokens_.fail("this directive is not known");
    }
  }

  // What only a debugger reads, and hints.
  void debugging() {
    const int line = tokens_.peek().line;
    const std::string_view what = tokens_.next().text;
    if (what == ".section") {
      tokens_.skip_through("}");
    } else if (what == ".pragma") {
      tokens_.skip_through(";");
    } else {
      while (!tokens_.at_end() && tokens_.peek().line == line) tokens_.next();
    }
  }

  template <class Add>
  void variables(Space space, const Add& add) {
    Declaration d = parse_declaration(tokens_, space);
    d.external = external_;
    add(d);
    while (tokens_.take(",")) {
      Declaration other = d;
      other.name = tokens_.word();
      other.initial.clear();
      if (!tokens_.at(",") && !tokens_.at(";")) tokens_.fail("declare one array at a time");
      add(other);
    }
    tokens_.expect(";");
  }

  std::vector<Declaration> parameters() {
    std::vector<Declaration> list;
    tokens_.expect("(");
    while (!tokens_.take(")")) {
      if (!tokens_.take(".param")) tokens_.fail("only parameters in the state space .param are supported");
      list.push_back(parse_declaration(tokens_, Space::kParam));
      if (!tokens_.at(")")) tokens_.expect(",");
    }
    return list;
  }

  void function() {
    FunctionSyntax f;
    f.entry = tokens_.next().text == ".entry";
    if (tokens_.at("(")) f.results = parameters();
    f.line = tokens_.peek().line;
    f.name = tokens_.word();
    if (tokens_.at("(")) f.parameters = parameters();
    while (!tokens_.at("{") && !tokens_.at(";")) function_directive(f);
    if (!tokens_.take(";")) {
      f.defined = true;
      body(f);
    }
    syntax_.functions.push_back(std::move(f));
  }

  void function_directive(FunctionSyntax& f) {
    const std::string_view name = tokens_.word();
    uint64_t product = 1;
    while (tokens_.peek().kind == Token::Kind::kNumber) {
      product *= parse_number(tokens_).bits;
      tokens_.take(",");
    }
    if (name == ".maxntid" || name == ".reqntid") {
      f.max_threads = static_cast<uint32_t>(product);
    } else if (name != ".minnctapersm" && name != ".maxnreg" && name != ".noreturn") {
      tokens_.fail("the directive " + std::string(name) + " is not known");
    }
  }

  void body(FunctionSyntax& f) {
    function_ = &f;
    external_ = false;
    tokens_.expect("{");
    open_scope(kNoScope);
    while (scope_ != kNoScope) {
      if (tokens_.at_end()) tokens_.fail("the function " + std::string(f.name) + " does not end");
      if (tokens_.take("{")) {
        open_scope(scope_);
      } else if (tokens_.take("}")) {
        scope_ = f.scopes[scope_].parent;
      } else {
        line();
      }
    }
  }

  void open_scope(size_t parent) {
    function_->scopes.emplace_back().parent = parent;
    scope_ = function_->scopes.size() - 1;
  }

  Scope& scope() { return function_->scopes[scope_]; }

  void line() {
    const std::string_view first = tokens_.peek().text;
    if (first == ".reg") {
      registers();
    } else if (first == ".loc" || first == ".pragma") {
      debugging();
    } else if (const auto space = space_named(first)) {
      tokens_.next();
      variables(*space, [this](const Declaration& d) { scope().variables[d.name] = d; });
    } else if (tokens_.peek(1).is(":")) {
      label();
    } else if (!tokens_.take(";")) {
      statement();
    }
  }

  void registers() {
    tokens_.next();
    const std::string_view name = tokens_.word();
    const auto type = type_named(name.substr(1));
    if (!type) tokens_.fail("the register type " + std::string(name) + " is not known");
    do {
      const std::string_view reg = tokens_.word();
      if (tokens_.take("<")) {
        scope().ranges.push_back({reg, static_cast<uint32_t>(parse_number(tokens_).bits), *type});
        tokens_.expect(">");
      } else {
        scope().registers[reg] = *type;
      }
    } while (tokens_.take(","));
    tokens_.expect(";");
  }

  void label() {
    const std::string_view name = tokens_.word();
    tokens_.expect(":");
    if (tokens_.take(".branchtargets")) {
      auto& targets = scope().branch_targets[name];
      do targets.push_back(tokens_.word());
      while (tokens_.take(","));
      tokens_.expect(";");
    } else if (tokens_.at(".callprototype")) {
      tokens_.fail("calls through pointers are not supported");
    } else {
      scope().labels[name] = function_->statements.size();
    }
  }

  void statement() {
    const Token& first = tokens_.peek();
    Statement s;
    s.line = first.line;
    s.scope = scope_;
    if (tokens_.take("@")) {
      s.guard_negated = tokens_.take("!");
      s.guard = tokens_.word();
    }
    s.opcode = parts_of(tokens_.word());
    while (!tokens_.take(";")) {
      s.operands.push_back(parse_operand(tokens_));
      if (!tokens_.at(";")) tokens_.expect(",");
    }
    s.text = tokens_.text_since(first);
    function_->statements.push_back(std::move(s));
  }

  TokenStream tokens_;
  Syntax syntax_;
  FunctionSyntax* function_ = nullptr;
  size_t scope_ = kNoScope;
  bool external_ = false;
};

}  // namespace

Syntax parse_syntax(std::string_view ptx) { return Parser(ptx).run(); }

}  // namespace software_cuda
