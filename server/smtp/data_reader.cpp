#include "server/smtp/data_reader.hpp"

#include <algorithm>

namespace mailscope::smtp {

namespace {
/// Most octets set aside for content that has only been announced: who lies gets no memory for it.
constexpr std::uint64_t kMaxReserve = 65'536;
/// Room for what the server puts in front of the content.
constexpr std::uint64_t kHeaderRoom = 512;
}  // namespace

void DataReader::begin(std::uint64_t max_line, std::uint64_t max_octets, std::uint64_t expected,
                       Form form) {
  *this = DataReader{};
  form_ = form;
  content_.reserve(std::min(expected, kMaxReserve) + kHeaderRoom);
  max_line_ = max_line;
  max_octets_ = max_octets;
}

/// The first problem counts, by its place and not by when it was seen: the cut of the input must
/// not matter.
void DataReader::note(Problem problem, std::uint64_t at) {
  if (problem_ != Problem::none && problem_at_ <= at) return;
  problem_ = problem;
  problem_at_ = at;
}

void DataReader::keep(std::string_view octets) {
  octets_ += octets.size();
  line_ += octets.size();
  if (octets_ > max_octets_) note(Problem::too_big, max_octets_);
  // What will be refused is drained and not kept: the client must get its reply at the end of data.
  if (problem_ == Problem::none) {
    content_ += octets;
  } else if (!content_.empty()) {
    std::string().swap(content_);
  }
}

/// Takes what can be taken as text at once: up to and with the next CR or LF.
void DataReader::text(std::string_view& input) {
  const std::size_t lf = std::min(input.find('\n'), input.size());
  const std::size_t cr = std::min(input.substr(0, lf).find('\r'), lf);
  const std::string_view run = input.substr(0, cr);
  const std::size_t nul = run.find('\0');
  if (nul != std::string_view::npos) note(Problem::nul, octets_ + nul);
  if (cr + 1 < input.size() && cr < lf && cr + 1 == lf) {
    // The whole rest of a line with its CRLF is here: the common case.
    keep(input.substr(0, lf + 1));
    input.remove_prefix(lf + 1);
    if (line_ > max_line_) note(Problem::line_too_long, octets_);
    at_ = At::line_start;
    line_ = 0;
    return;
  }
  keep(run);
  input.remove_prefix(cr);
  if (input.empty()) return;
  if (input[0] == '\n') {
    // RFC 5321 section 2.3.8: LF alone does not end a line.
    note(Problem::bare_lf, octets_);
    keep("\n");
    at_ = At::text;
  } else {
    at_ = At::text_cr;
  }
  input.remove_prefix(1);
}

void DataReader::end() {
  if (form_ == Form::binary) return;
  if (at_ == At::text_cr) note(Problem::bare_cr, octets_);
  if (line_ > max_line_) note(Problem::line_too_long, octets_);
}

bool DataReader::feed(std::string_view& input) {
  if (form_ == Form::binary) {
    keep(input);
    input = {};
    return false;
  }
  while (!input.empty()) {
    switch (at_) {
      case At::line_start:
        if (input[0] == '.' && form_ == Form::dotted) {
          // RFC 5321 section 4.5.2: the first dot of a line is not part of it.
          at_ = At::dot;
          input.remove_prefix(1);
        } else {
          at_ = At::text;
        }
        break;
      case At::dot:
        if (input[0] == '\r') {
          at_ = At::dot_cr;
          input.remove_prefix(1);
        } else {
          at_ = At::text;
        }
        break;
      case At::dot_cr:
        if (input[0] == '\n') {
          input.remove_prefix(1);
          return true;
        }
        [[fallthrough]];
      case At::text_cr:
        if (input[0] == '\n') {
          keep("\r\n");
          input.remove_prefix(1);
          if (line_ > max_line_) note(Problem::line_too_long, octets_);
          at_ = At::line_start;
          line_ = 0;
        } else {
          // RFC 5321 section 2.3.8: CR may only stand before LF.
          note(Problem::bare_cr, octets_);
          keep("\r");
          at_ = At::text;
        }
        break;
      case At::text:
        text(input);
        break;
    }
  }
  return false;
}

}  // namespace mailscope::smtp
