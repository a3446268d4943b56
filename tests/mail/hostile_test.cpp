// Messages made to hurt: limits hold, and time grows with the size alone.
#include <chrono>

#include "server/mail/address.hpp"
#include "server/mail/date.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/parameters.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {

std::string repeat(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}
std::size_t depth_of(const Part& part) {
  std::size_t depth = 0;
  for (const Part& child : part.parts) depth = std::max(depth, depth_of(child) + 1);
  return depth;
}
std::size_t count(const Part& part) {
  std::size_t parts = 1;
  for (const Part& child : part.parts) parts += count(child);
  return parts;
}
void check_invariants(const Part& part, std::string_view message) {
  CHECK(part.header_begin <= part.body_begin);
  CHECK(part.body_begin <= part.body_end);
  CHECK(part.body_end <= message.size());
  if (part.is_multipart()) CHECK_FALSE(part.parts.empty());
  if (part.is_message()) CHECK(part.parts.size() == 1);
  for (const Part& child : part.parts) {
    CHECK(child.header_begin >= part.body_begin);
    CHECK(child.body_end <= part.body_end);
    check_invariants(child, message);
  }
}

}  // namespace

TEST_CASE("a multipart in a multipart in a multipart") {
  std::string message;
  for (int i = 0; i < 5'000; ++i) {
    const std::string b = 'b' + std::to_string(i);
    message += "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n";
  }
  const Part root = parse_message(message);
  CHECK(depth_of(root) == 32);
  check_invariants(root, message);
  const Part shallow = parse_message(message, {.depth = 2});
  CHECK(depth_of(shallow) == 2);
  CHECK(shallow.parts[0].parts[0].type == "application");
  CHECK(parse_message(message, {.depth = 0}).subtype == "octet-stream");
}

TEST_CASE("messages inside messages") {
  const std::string message = repeat("Content-Type: message/rfc822\r\n\r\n", 10'000) + "\r\nx";
  CHECK(depth_of(parse_message(message)) == 32);
  check_invariants(parse_message(message), message);
}

TEST_CASE("too many parts: the rest belongs to the last") {
  const std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
                              repeat("--b\r\n\r\nx\r\n", 5'000) + "--b--\r\nepilogue";
  const Part root = parse_message(message);
  CHECK(count(root) == 1'000);
  CHECK(root.parts.back().body(message).starts_with("x\r\n--b\r\n"));
  CHECK(root.parts.back().body(message).ends_with("\r\nx"));
  check_invariants(root, message);
}

TEST_CASE("a boundary longer than any line is none") {
  const std::string message = "Content-Type: multipart/mixed; boundary=\"" +
                              std::string(5'000, 'b') + "\"\r\n\r\n--" + std::string(5'000, 'b') +
                              "\r\n\r\nx";
  CHECK(parse_message(message).type == "text");
}

TEST_CASE("time is linear on hostile input") {
  // Ten times the input may take about ten times as long; a quadratic parser would take a hundred
  // times, which at these sizes is minutes. Checked with a bound that is loose on purpose.
  const std::size_t n = 300'000;
  std::string prefixes;  // 32 open boundaries, each a prefix of the next
  std::string b;
  for (int i = 0; i < 32; ++i) {
    b += std::string(6, 'x');
    prefixes += "Content-Type: multipart/mixed; boundary=" + b + "\r\n\r\n--" + b + "\r\n";
  }
  const std::string almost = "\r\n" + repeat("--" + b.substr(0, 5) + "\r\n", n / 8);
  const auto begin = std::chrono::steady_clock::now();
  const auto parse = [](const std::string& message) {
    check_invariants(parse_message(message), message);
  };
  parse(prefixes + almost);
  parse(repeat("A: b\r\n c\r\n", n / 10));
  parse(repeat("A:\r\n", n / 4));
  parse(repeat("\r\n", n));
  parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat("--", n));
  parse("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + repeat("--b", n));
  parse("Content-Type: a/b; " + repeat("x*0*=utf-8''", 20'000));
  parse("Content-Type: " + repeat("(", 200'000));
  parse("Content-Type: " + repeat("\"", 200'000));
  parse("Content-Type: a/b" + repeat("; x*1=", 20'000));
  parse_address_list(repeat("(", n));
  parse_address_list(repeat("<", n));
  parse_address_list(repeat("a@", n));
  parse_address_list(repeat("a:", n));
  parse_address_list(repeat("\"", n));
  parse_address_list(repeat("a b.c ", n / 6) + '@');
  parse_address_list(repeat("(a", n) + repeat(")", n));
  decode_words(repeat("=?", n));
  decode_words(repeat("=?utf-8?q?", n / 10));
  decode_words(repeat("=?utf-8?q?a?= ", n / 14));
  decode_words(repeat("=?utf-8?q?a?==?big5?q?b?=", n / 100));
  quoted_printable_decode(repeat("= ", n));
  quoted_printable_decode(repeat("=\t \t", n));
  quoted_printable_decode(std::string(n, ' '));
  base64_decode(std::string(n, '='));
  parse_date(std::string(n, '('));
  const auto took = std::chrono::steady_clock::now() - begin;
  CHECK(took < std::chrono::seconds(20));
}

TEST_CASE("every cut of a torture message keeps the invariants") {
  const std::string message =
      "Content-Type: multipart/mixed; boundary=\"a\"\r\n\r\npre\r\n--a\r\nContent-Type: "
      "multipart/digest; boundary=ab\r\n\r\n"
      "--ab\r\n\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\ntext\r\n--ab--\r\n--a\r\nContent-Type: "
      "message/rfc822\r\n\r\n"
      "From: a@b\r\nContent-Type: multipart/alternative;\r\n boundary*0=\"x\";\r\n "
      "boundary*1=y\r\n\r\n--xy\r\n\r\n1\r\n"
      "--xy--\r\n--a--\r\nend";
  for (std::size_t i = 0; i <= message.size(); ++i) {
    check_invariants(parse_message(message.substr(0, i)), message.substr(0, i));
    check_invariants(parse_message(message.substr(i)), message.substr(i));
  }
}
