#include "lexer.h"

#include <cctype>

#include "executor.h"

namespace software_cuda {

namespace {

bool starts_word(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '%' || c == '.';
}
bool continues_word(char c) { return starts_word(c) || std::isdigit(static_cast<unsigned char>(c)); }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  std::vector<Token> run() {
    std::vector<Token> tokens;
    tokens.reserve(text_.size() / 4);
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) tokens.push_back(next());
    tokens.push_back({Token::Kind::kEnd, text_.substr(text_.size()), line_});
    return tokens;
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (peek() == '/' && peek(1) == '/') {
        while (at_ < text_.size() && peek() != '\n') at_++;
      } else if (peek() == '/' && peek(1) == '*') {
        skip_comment();
      } else if (std::isspace(static_cast<unsigned char>(peek())) || peek() == '\0') {
        line_ += peek() == '\n';
        at_++;
      } else {
        return;
      }
    }
  }

  void skip_comment() {
    const int begin = line_;
    for (at_ += 2; peek() != '*' || peek(1) != '/'; at_++) {
      if (at_ >= text_.size()) fail_at(begin, "/*", "the comment does not end");
      line_ += peek() == '\n';
    }
    at_ += 2;
  }

  Token next() {
    const size_t begin = at_;
    Token::Kind kind = Token::Kind::kSymbol;
    if (is_digit(peek())) {
      kind = Token::Kind::kNumber;
      number();
    } else if (starts_word(peek())) {
      kind = Token::Kind::kWord;
      word();
    } else if (peek() == '"') {
      kind = Token::Kind::kString;
      for (at_++; peek() != '"'; at_++) {
        if (at_ >= text_.size() || peek() == '\n') fail_at(line_, "\"", "the string does not end");
      }
      at_++;
    } else {
      at_++;
    }
    return {kind, text_.substr(begin, at_ - begin), line_};
  }

  // A double colon is part of a modifier (.L2::128B), a single one ends a label.
  void word() {
    for (;;) {
      if (continues_word(peek())) {
        at_++;
      } else if (peek() == ':' && peek(1) == ':') {
        at_ += 2;
      } else {
        return;
      }
    }
  }

  void number() {
    while (continues_word(peek()) ||
           ((peek() == '+' || peek() == '-') && (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E') &&
            is_decimal_exponent())) {
      at_++;
    }
  }

  bool is_decimal_exponent() const {
    size_t begin = at_ - 1;
    while (begin > 0 && (is_digit(text_[begin - 1]) || text_[begin - 1] == '.')) begin--;
    return begin == 0 || !continues_word(text_[begin - 1]);
  }

  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view ptx) { return Lexer(ptx).run(); }

void fail_at(int line, std::string_view text, const std::string& reason) {
  throw PtxError("PTX line " + std::to_string(line) + ": '" + on_one_line(text) + "': " + reason);
}

std::string on_one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = std::isspace(static_cast<unsigned char>(c));
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  return line;
}

}  // namespace software_cuda
