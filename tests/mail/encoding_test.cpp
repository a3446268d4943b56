// Base64, quoted-printable, charsets.
#include "server/mail/encoding.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {
std::string octets(std::size_t count, unsigned seed) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    seed = seed * 1'103'515'245u + 12'345u;
    out += static_cast<char>(seed >> 16);
  }
  return out;
}
}  // namespace

TEST_CASE("base64: the vectors of RFC 4648 section 10") {
  const std::pair<std::string_view, std::string_view> rows[] = {{"", ""},
                                                                {"f", "Zg=="},
                                                                {"fo", "Zm8="},
                                                                {"foo", "Zm9v"},
                                                                {"foob", "Zm9vYg=="},
                                                                {"fooba", "Zm9vYmE="},
                                                                {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : rows) {
    CHECK(base64_encode(plain) == encoded);
    CHECK(base64_decode_strict(encoded) == std::string(plain));
    CHECK(base64_decode(encoded) == plain);
  }
}

TEST_CASE("base64: strict refuses what is not canonical") {
  for (const std::string_view text :
       {"Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zm9v=", "Zh==", "Zm9=", "Zm9v\r\n", " Zm9v",
        "Zm 9", "Zg==Zg==", "Zm-_", "Zm9\xc3"}) {
    INFO(text);
    CHECK_FALSE(base64_decode_strict(text));
  }
}

TEST_CASE("base64: lenient reads through rubbish") {
  CHECK(base64_decode("Zm\r\n9v!Y mFy") == "foobar");
  CHECK(base64_decode("Zg==\r\nZm8=") == "ffo");
  CHECK(base64_decode("Zm9vY") == "foo");
  CHECK(base64_decode("Zm9vYg") == "foob");
  CHECK(base64_decode("====") == "");
}

TEST_CASE("base64 and quoted-printable give back every octet") {
  for (std::size_t size = 0; size < 300; ++size) {
    const std::string plain = octets(size, static_cast<unsigned>(size) + 1);
    CHECK(base64_decode_strict(base64_encode(plain)) == plain);
    const std::string wrapped = base64_encode_wrapped(plain);
    CHECK(base64_decode(wrapped) == plain);
    for (std::size_t at = 0; at < wrapped.size(); at = wrapped.find("\r\n", at) + 2) {
      CHECK(wrapped.find("\r\n", at) - at <= 76);
    }
    // Bare LF is a line end to quoted-printable; it becomes CRLF. Without LF nothing changes.
    std::string no_lf = plain;
    std::erase(no_lf, '\n');
    CHECK(quoted_printable_decode(quoted_printable_encode(no_lf)) == no_lf);
  }
}

TEST_CASE("quoted-printable: encoding") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"plain text", "plain text"},
      {"caf\xc3\xa9", "caf=C3=A9"},
      {"a=b", "a=3Db"},
      {"end \r\nnext\t", "end=20\r\nnext=09"},
      {"one\ntwo\r\n", "one\r\ntwo\r\n"},
      {"bare\rcr", "bare=0Dcr"},
      {"From here\r\nFrom there", "=46rom here\r\n=46rom there"},
  };
  for (const auto& [plain, encoded] : rows) CHECK(quoted_printable_encode(plain) == encoded);
  // Lines: at most 76 characters with the soft break, and no break that is not needed.
  CHECK(quoted_printable_encode(std::string(76, 'a')) == std::string(76, 'a'));
  CHECK(quoted_printable_encode(std::string(77, 'a')) == std::string(75, 'a') + "=\r\naa");
  const std::string encoded = quoted_printable_encode(std::string(1000, '\xe9'));
  for (std::size_t at = 0; at < encoded.size();) {
    const std::size_t end = std::min(encoded.find("\r\n", at), encoded.size());
    CHECK(end - at <= 76);
    at = end + 2;
  }
}

TEST_CASE("quoted-printable: decoding") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"Now's the time =\r\nfor all folk to come=\r\n to the aid of their country.",
       "Now's the time for all folk to come to the aid of their country."},  // RFC 2045 section 6.7
      {"=e9=E9", "\xe9\xe9"},
      {"trailing  \t\r\nspace  ", "trailing\r\nspace"},
      {"soft=  \r\nbreak=\nlf", "softbreaklf"},
      {"broken=ZZ =4 =", "broken=ZZ =4 "},
      {"==41", "=A"},
      {"a=", "a"},
      {"in  side", "in  side"},
  };
  for (const auto& [encoded, plain] : rows) {
    INFO(encoded);
    CHECK(quoted_printable_decode(encoded) == plain);
  }
}

TEST_CASE("charsets") {
  CHECK(to_utf8("caf\xe9", "ISO-8859-1") == "caf\xc3\xa9");
  CHECK(to_utf8("\xa4", "iso-8859-15") == "\xe2\x82\xac");
  CHECK(to_utf8("\x80", "windows-1252") == "\xe2\x82\xac");
  CHECK(to_utf8("\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251") ==
        "\xd0\x9f\xd1\x80\xd0\xb8\xd0\xb2\xd0\xb5\xd1\x82");
  CHECK(to_utf8("\x1b$B%F%9%H\x1b(B", "ISO-2022-JP") == "\xe3\x83\x86\xe3\x82\xb9\xe3\x83\x88");
  CHECK(to_utf8("\xc4\xe3", "gb2312") == "\xe4\xbd\xa0");
  CHECK(to_utf8("a\xff"
                "b",
                "utf-8") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(to_utf8("a\xc3\xa9", "us-ascii") == "a\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(to_utf8("\x83", "shift_jis") == "\xef\xbf\xbd");  // half a character
  CHECK(to_utf8(std::string(100'000, '\xe9'), "iso-8859-1")->size() == 200'000);
  for (const std::string_view name : {"", "x-unknown", "utf-8//TRANSLIT", "utf 8", "../x"}) {
    INFO(name);
    CHECK_FALSE(to_utf8("a", name));
  }
  CHECK_FALSE(to_utf8("a", std::string(1000, 'a')));
}

TEST_CASE("UTF-8: RFC 3629") {
  for (const std::string_view good :
       {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    CHECK(is_valid_utf8(good));
  }
  for (const std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xc2",
                                     "\xc2"
                                     "a",
                                     "\xe0\x9f\xbf", "\xed\xa0\x80", "\xe2\x82", "\xf0\x8f\xbf\xbf",
                                     "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff"}) {
    CHECK_FALSE(is_valid_utf8(bad));
    CHECK(is_valid_utf8(repair_utf8(bad)));
  }
}
