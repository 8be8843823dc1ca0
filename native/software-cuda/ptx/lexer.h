// Cuts PTX text into tokens.
#ifndef DENSENET4J_SOFTWARE_CUDA_LEXER_H
#define DENSENET4J_SOFTWARE_CUDA_LEXER_H

#include <string>
#include <string_view>
#include <vector>

namespace software_cuda {

struct Token {
  enum class Kind { kWord, kNumber, kString, kSymbol, kEnd };
  Kind kind;
  std::string_view text;  // lies in the PTX text
  int line;

  bool is(std::string_view what) const { return text == what && kind != Kind::kString; }
};

// The last token is of kind kEnd. Throws PtxError.
std::vector<Token> tokens_of(std::string_view ptx);

// Throws PtxError that names the line and the text there.
[[noreturn]] void fail_at(int line, std::string_view text, const std::string& reason);

// On one line, with single spaces.
std::string on_one_line(std::string_view text);

}  // namespace software_cuda
#endif
