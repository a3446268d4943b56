// Long responses: stuffing, line ends, sizes, and the same octets in any cut.
#include "server/pop3/multi_line.hpp"

#include "server/store/wire_size.hpp"
#include "tests/catch.hpp"

using namespace mailscope::pop3;

namespace {

std::string produced(const std::string& text, std::size_t chunk,
                     std::size_t octets = std::string::npos) {
  auto body = std::make_shared<const std::string>(text);
  const auto lines = message_lines(body, std::min(octets, text.size()));
  std::string all;
  while (true) {
    std::string out;
    const bool done = lines->produce(out, chunk);
    CHECK(out.size() <= chunk + 6);
    all += out;
    if (done) return all;
    REQUIRE_FALSE(out.empty());
  }
}

}  // namespace

TEST_CASE("messages on the wire") {
  const std::pair<std::string, std::string> rows[] = {
      {"", ".\r\n"},
      {"a\r\n", "a\r\n.\r\n"},
      {"a", "a\r\n.\r\n"},
      {"a\n", "a\r\n.\r\n"},
      {".\r\n", "..\r\n.\r\n"},
      {"..a\r\n.", "...a\r\n..\r\n.\r\n"},
      {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n"},
      {"\r\n\r\n", "\r\n\r\n.\r\n"},
      {"\n\n", "\r\n\r\n.\r\n"},
      {"a\r", "a\r\r\n.\r\n"},
      {"a\rb\r\n", "a\rb\r\n.\r\n"},
      {"a\r\r\n.b", "a\r\r\n..b\r\n.\r\n"},
      {"a.b\r\n", "a.b\r\n.\r\n"},
  };
  for (const auto& [text, wire] : rows) {
    INFO(text);
    for (std::size_t chunk = 1; chunk < 12; ++chunk) CHECK(produced(text, chunk) == wire);
    CHECK(produced(text, 65'536) == wire);
    // The size is that of the wire without stuffing and end.
    std::size_t dots = 0;
    for (std::size_t at = 0; at < wire.size(); at = wire.find('\n', at) + 1) {
      dots += wire.substr(at).starts_with("..") ? 1 : 0;
    }
    CHECK(mailscope::store::wire_size(text) == wire.size() - 3 - dots);
  }
}

TEST_CASE("a message of one long line comes in bounded pieces") {
  const std::string text = std::string(1'000'000, '.') + "\r\n";
  CHECK(produced(text, 4'096) == '.' + text + ".\r\n");
}

TEST_CASE("TOP") {
  const std::string text = "A: b\r\nC: d\r\n\r\n1\r\n2\r\n3";
  const auto top = [&](std::uint32_t lines) { return text.substr(0, top_end(text, lines)); };
  CHECK(top(0) == "A: b\r\nC: d\r\n\r\n");
  CHECK(top(1) == "A: b\r\nC: d\r\n\r\n1\r\n");
  CHECK(top(2) == "A: b\r\nC: d\r\n\r\n1\r\n2\r\n");
  CHECK(top(3) == text);
  CHECK(top(999'999'999) == text);
  CHECK(top_end("", 3) == 0);
  CHECK(top_end("A: b", 3) == 4);
  CHECK(top_end("A: b\n\nx\ny\n", 1) == 8);
  CHECK(top_end("\r\nx\r\n", 0) == 2);
}

TEST_CASE("listings leave out empty lines and stop at the limit") {
  const auto lines =
      listing(1, 1'000, [](std::uint32_t i) { return i % 2 ? std::to_string(i) : std::string(); });
  const auto octets = lines->octets();
  std::string all;
  int pieces = 0;
  for (bool done = false; !done; ++pieces) {
    std::string out;
    done = lines->produce(out, 100);
    CHECK(out.size() < 110);
    all += out;
  }
  CHECK(pieces > 10);
  CHECK(all.starts_with("1\r\n3\r\n"));
  CHECK(all.ends_with("999\r\n.\r\n"));
  CHECK(octets == all.size() - 3);
}
