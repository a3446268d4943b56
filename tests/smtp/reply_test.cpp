// Replies written and read (RFC 5321 section 4.2, RFC 2034, RFC 3463).
#include "server/smtp/reply.hpp"

#include "tests/catch.hpp"

using namespace mailscope::smtp;
using Result = ReplyReader::Result;

namespace {

std::string wire(const Reply& reply) {
  std::string out;
  reply.append_wire(out);
  return out;
}

}  // namespace

TEST_CASE("replies on the wire", "[smtp][reply]") {
  CHECK(wire({250, {2, 1, 0}, "Sender ok"}) == "250 2.1.0 Sender ok\r\n");
  CHECK(wire({250, {}, "a\nb\nc"}) == "250-a\r\n250-b\r\n250 c\r\n");
  CHECK(wire({214, {2, 0, 0}, "a\nb"}) == "214-2.0.0 a\r\n214 2.0.0 b\r\n");
  CHECK(wire({334, {}, ""}) == "334 \r\n");
  CHECK(Reply{550, {5, 1, 1}, "No\nsuch"}.to_string() == "550 5.1.1 No such");
  CHECK(Reply{0, {4, 4, 1}, "No answer"}.to_string() == "4.4.1 No answer");
}

TEST_CASE("replies are read in any cut", "[smtp][reply]") {
  const Reply samples[] = {{250, {2, 1, 0}, "Sender ok"},   {250, {}, "mx\nPIPELINING\nSIZE 10"},
                           {214, {2, 0, 0}, "a\nb"},        {334, {}, ""},
                           {550, {5, 1, 1}, "No such one"}, {421, {}, "x"}};
  std::string stream;
  for (const Reply& reply : samples) reply.append_wire(stream);
  for (std::size_t cut = 1; cut < 40; ++cut) {
    ReplyReader reader;
    std::vector<Reply> read;
    for (std::size_t at = 0; at < stream.size(); at += cut) {
      std::string_view piece = std::string_view(stream).substr(at, cut);
      while (!piece.empty()) {
        const Result result = reader.feed(piece);
        REQUIRE(result != Result::malformed);
        if (result == Result::ready) read.push_back(reader.take());
      }
    }
    CHECK(read == std::vector<Reply>(std::begin(samples), std::end(samples)));
  }
}

TEST_CASE("unusual replies", "[smtp][reply]") {
  const std::tuple<std::string, Result, Reply> table[] = {
      {"250\r\n", Result::ready, {250, {}, ""}},
      {"250 ok\n", Result::ready, {250, {}, "ok"}},
      {"250-\r\n250 \r\n", Result::ready, {250, {}, "\n"}},
      {"250 5.1.1 odd\r\n", Result::ready, {250, {}, "5.1.1 odd"}},
      {"550 5.1.1\r\n", Result::ready, {550, {5, 1, 1}, ""}},
      {"550 5.1.1234 x\r\n", Result::ready, {550, {}, "5.1.1234 x"}},
      {"550 5..1 x\r\n", Result::ready, {550, {}, "5..1 x"}},
      {"250-a\r\n550 b\r\n", Result::malformed, {}},
      {"25 ok\r\n", Result::malformed, {}},
      {"650 ok\r\n", Result::malformed, {}},
      {"250_ok\r\n", Result::malformed, {}},
      {"\r\n", Result::malformed, {}},
      {"HTTP/1.1 400 Bad Request\r\n", Result::malformed, {}},
      {std::string(kMaxReplyLine + 1, '2'), Result::malformed, {}},
      {"250 " + std::string(kMaxReplyLine - 5, 'x'), Result::need_more, {}},
  };
  for (const auto& [text, result, reply] : table) {
    INFO(text.substr(0, 60));
    ReplyReader reader;
    std::string_view rest = text;
    CHECK(reader.feed(rest) == result);
    if (result == Result::ready) CHECK(reader.take() == reply);
    if (result == Result::malformed) {
      CHECK_FALSE(reader.problem().empty());
      rest = "250 ok\r\n";
      CHECK(reader.feed(rest) == Result::malformed);
    }
  }
}

TEST_CASE("a reply without end is cut off", "[smtp][reply]") {
  ReplyReader reader;
  Result result = Result::need_more;
  std::size_t lines = 0;
  while (result == Result::need_more && ++lines < 1000) {
    std::string_view line = "250-more\r\n";
    result = reader.feed(line);
  }
  CHECK(result == Result::malformed);
  CHECK(lines == kMaxReplyLines + 1);
}
