// Reads PTX text into syntax.
#ifndef DENSENET4J_SOFTWARE_CUDA_PARSER_H
#define DENSENET4J_SOFTWARE_CUDA_PARSER_H

#include "lexer.h"
#include "syntax.h"

namespace software_cuda {

// Walks over tokens and reports what it did not expect.
class TokenStream {
 public:
  explicit TokenStream(std::string_view ptx) : ptx_(ptx), tokens_(tokens_of(ptx)) {}

  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(at_ + ahead, tokens_.size() - 1)]; }
  bool at(std::string_view text) const { return peek().is(text); }
  bool at_end() const { return peek().kind == Token::Kind::kEnd; }
  const Token& next() { return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_]; }
  bool take(std::string_view text) {
    if (!at(text)) return false;
    next();
    return true;
  }
  void expect(std::string_view text) {
    if (!take(text)) fail("'" + std::string(text) + "' is expected");
  }
  std::string_view word() {
    if (peek().kind != Token::Kind::kWord) fail("a name is expected");
    return next().text;
  }
  void skip_through(std::string_view text) {
    while (!take(text)) {
      if (at_end()) fail("'" + std::string(text) + "' is missing");
      next();
    }
  }
  // From a token's beginning to the one before the current one's end.
  std::string_view text_since(const Token& first) const {
    const std::string_view last = tokens_[at_ - 1].text;
    return ptx_.substr(static_cast<size_t>(first.text.data() - ptx_.data()),
                       static_cast<size_t>(last.data() + last.size() - first.text.data()));
  }
  [[noreturn]] void fail(const std::string& reason) const { fail_at(peek().line, peek().text, reason); }

  // What reads a part within another one of its kind holds this meanwhile: text that nests without end must not use up
  // the stack.
  class Nested {
   public:
    explicit Nested(TokenStream& tokens) : tokens_(tokens) {
      if (tokens.depth_ == kDeepest) tokens.fail("this is nested too deeply");
      tokens.depth_++;
    }
    ~Nested() { tokens_.depth_--; }
    Nested(const Nested&) = delete;

   private:
    TokenStream& tokens_;
  };

 private:
  static constexpr int kDeepest = 64;

  std::string_view ptx_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
};

// The text must outlive the result. Throws PtxError.
Syntax parse_syntax(std::string_view ptx);

// One operand, or a number; in parse_expression.cpp.
Expression parse_operand(TokenStream& tokens);
Expression parse_number(TokenStream& tokens);

// The rest of a declaration whose state space is read: alignment, type, name, size and initial value.
Declaration parse_declaration(TokenStream& tokens, Space space);

}  // namespace software_cuda
#endif
