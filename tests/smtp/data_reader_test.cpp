// The end of data, and everything that must not be taken for it (RFC 5321 section 4.1.1.4).
#include "server/smtp/data_reader.hpp"

#include "tests/catch.hpp"

using namespace mailscope::smtp;
using Problem = DataReader::Problem;

namespace {

struct Outcome {
  bool ended = false;
  std::string content;
  std::string rest;
  Problem problem = Problem::none;
  std::uint64_t at = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view input, std::size_t cut, std::uint64_t max_line = 1'000,
             std::uint64_t max_octets = 1'000'000) {
  DataReader reader;
  reader.begin(max_line, max_octets);
  Outcome out;
  while (!input.empty() && !out.ended) {
    std::string_view piece = input.substr(0, cut);
    const std::size_t size = piece.size();
    out.ended = reader.feed(piece);
    input.remove_prefix(size - piece.size());
  }
  out.rest = input;
  out.problem = reader.problem();
  out.at = reader.problem_at();
  out.content = reader.take();
  return out;
}

}  // namespace

TEST_CASE("content and its end, in every cut", "[smtp][data]") {
  using namespace std::string_literals;
  struct Row {
    std::string input;
    Outcome expected;
  };
  const Row table[] = {
      {"hello\r\n.\r\n", {true, "hello\r\n", "", Problem::none, 0}},
      {".\r\n", {true, "", "", Problem::none, 0}},
      {"\r\n.\r\n", {true, "\r\n", "", Problem::none, 0}},
      {"a\r\n..\r\nb\r\n.\r\nQUIT\r\n", {true, "a\r\n.\r\nb\r\n", "QUIT\r\n", Problem::none, 0}},
      {"..a\r\n...b\r\n.c\r\n.\r\n", {true, ".a\r\n..b\r\nc\r\n", "", Problem::none, 0}},
      {"a.\r\n.\r\n", {true, "a.\r\n", "", Problem::none, 0}},
      // What SMTP smuggling uses: none of these may end the content.
      {"a\n.\n", {false, "", "", Problem::bare_lf, 1}},
      {"a\n.\r\nb", {false, "", "", Problem::bare_lf, 1}},
      {"a\r\n.\nb", {false, "", "", Problem::bare_lf, 3}},
      {"a\r.\rb", {false, "", "", Problem::bare_cr, 1}},
      {"a\r.\r\nb", {false, "", "", Problem::bare_cr, 1}},
      {"a\r\n.\rb", {false, "", "", Problem::bare_cr, 3}},
      {"a\r\n.\r\r\nb", {false, "", "", Problem::bare_cr, 3}},
      {"a\r\r\n.\r\nb", {true, "", "b", Problem::bare_cr, 1}},
      {"a\n\r\n.\r\nb", {true, "", "b", Problem::bare_lf, 1}},
      {"a\r\n\0.\r\nb"s, {false, "", "", Problem::nul, 3}},
      {"a\r\n.\0\r\nb"s, {false, "", "", Problem::nul, 3}},
      {"a\r\nxyz\0.\0\r\nb"s, {false, "", "", Problem::nul, 6}},
      {"a\r\n .\r\nb", {false, "a\r\n .\r\nb", "", Problem::none, 0}},
      {"a\r\n. \r\nb", {false, "a\r\n \r\nb", "", Problem::none, 0}},
      {"a\n.\r\nMAIL FROM:<x@y>\r\n.\r\nrest", {true, "", "rest", Problem::bare_lf, 1}},
  };
  for (const Row& row : table) {
    INFO(row.input);
    for (std::size_t cut = 1; cut <= row.input.size(); ++cut) {
      INFO("cut " << cut);
      CHECK(read(row.input, cut) == row.expected);
    }
  }
}

TEST_CASE("limits of content", "[smtp][data]") {
  const std::string line(998, 'x');
  CHECK(read(line + "\r\n.\r\n", 100).problem == Problem::none);
  CHECK(read("x" + line + "\r\n.\r\n", 100).problem == Problem::line_too_long);
  CHECK(read("." + line + "\r\n.\r\n", 7).problem == Problem::none);
  CHECK(read("ab\r\n.\r\n", 1, 1'000, 4).problem == Problem::none);
  const Outcome big = read("abc\r\n.\r\nrest", 1, 1'000, 4);
  CHECK(big.problem == Problem::too_big);
  CHECK(big.ended);
  CHECK(big.content.empty());
  CHECK(big.rest == "rest");
}

TEST_CASE("content in chunks has lines without dots and without an end", "[smtp][data]") {
  using namespace std::string_literals;
  using Form = DataReader::Form;
  struct Row {
    Form form;
    std::string input;
    std::string content;
    Problem problem;
    std::uint64_t at;
  };
  const Row table[] = {
      {Form::text, "", "", Problem::none, 0},
      {Form::text, "a\r\n.\r\n..b\r\n", "a\r\n.\r\n..b\r\n", Problem::none, 0},
      {Form::text, "no end", "no end", Problem::none, 0},
      {Form::text, "a\nb\r\n", "", Problem::bare_lf, 1},
      {Form::text, "a\rb\r\n", "", Problem::bare_cr, 1},
      {Form::text, "a\r", "a", Problem::bare_cr, 1},
      {Form::text, "a\0b"s, "", Problem::nul, 1},
      {Form::binary, "a\r\n.\r\n\0\n\r"s, "a\r\n.\r\n\0\n\r"s, Problem::none, 0},
  };
  for (const Row& row : table) {
    INFO(row.input);
    for (std::size_t cut = 1; cut <= row.input.size() + 1; ++cut) {
      DataReader reader;
      reader.begin(1'000, 1'000, 0, row.form);
      for (std::size_t at = 0; at < row.input.size(); at += cut) {
        std::string_view piece = std::string_view(row.input).substr(at, cut);
        CHECK_FALSE(reader.feed(piece));
        CHECK(piece.empty());
      }
      reader.end();
      CHECK(reader.problem() == row.problem);
      CHECK(reader.problem_at() == row.at);
      if (row.problem == Problem::none) CHECK(reader.take() == row.content);
    }
  }
  DataReader reader;
  reader.begin(10, 1'000, 0, Form::text);
  std::string_view line = "a line that is too long";
  reader.feed(line);
  reader.end();
  CHECK(reader.problem() == Problem::line_too_long);
}
