// Parameters of MIME fields: RFC 2045 section 5.1 and RFC 2231.
#include "server/mail/parameters.hpp"
#include "tests/catch.hpp"

using namespace mailscope::mail;

namespace {
std::string shown(std::string_view raw, ParameterForm form = ParameterForm::decoded) {
  const ContentValue content = parse_content_value(raw, form);
  std::string out = content.value;
  for (const auto& [name, value] : content.parameters) out += "; " + name + '=' + value;
  return out;
}
}  // namespace

TEST_CASE("values and parameters") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {" Text/Plain; Charset=US-ASCII", "text/plain; charset=US-ASCII"},
      {"text/plain; charset=us-ascii (Plain text)",
       "text/plain; charset=us-ascii"},  // RFC 2045 section 5.1
      {"text/plain (x); (y) charset (z) = \"us-ascii\"", "text/plain; charset=us-ascii"},
      {"text/plain;\r\n\tcharset=\"utf-8\";\r\n\tformat=flowed",
       "text/plain; charset=utf-8; format=flowed"},
      {R"(a/b; x="semi;colon (no comment) \"quoted\" back\\slash")",
       R"(a/b; x=semi;colon (no comment) "quoted" back\slash)"},
      {"a/b; name=two words.txt; y=1", "a/b; name=two words.txt; y=1"},
      {"a/b;;; x=1;", "a/b; x=1"},
      {"a/b; novalue; =x; bad name=1; x=", "a/b; x="},
      {"a/b; x=1; X=2", "a/b; x=1"},
      {"a/b; x=\"never closed; y=2", "a/b; x=never closed; y=2"},
      {"a/b; x=( never closed", "a/b; x=( never closed"},
      {"", ""},
      {";", ""},
      {"\"", "\""},
      {"a/b; x=caf\xe9", "a/b; x=caf\xef\xbf\xbd"},
      // RFC 2231 section 3: continuations
      {"message/external-body; access-type=URL;\r\n URL*0=\"ftp://\";\r\n "
       "URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"",
       "message/external-body; access-type=URL; "
       "url=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar"},
      // RFC 2231 section 4: charset and language
      {"application/x-stuff;\r\n title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A",
       "application/x-stuff; title=This is ***fun***"},
      // RFC 2231 section 4.1: both
      {"application/x-stuff;\r\n title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n"
       " title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n title*2=\"isn't it!\"",
       "application/x-stuff; title=This is even more ***fun*** isn't it!"},
      {"a/b; t*=utf-8''%E2%82%AC%20rates", "a/b; t=\xe2\x82\xac rates"},
      {"a/b; t*=iso-8859-1''%A3", "a/b; t=\xc2\xa3"},
      {"a/b; t*0*=utf-8''%E2%82; t*1*=%AC", "a/b; t=\xe2\x82\xac"},
      {"a/b; t*1=b; t*0=a; t*2=c", "a/b; t=abc"},
      {"a/b; t*0=a; t*2=c", "a/b; t=a"},
      {"a/b; t*0=a; t*0=x; t*1=b", "a/b; t=ab"},
      {"a/b; t*1=b", "a/b"},
      {"a/b; t*1=b; t=plain", "a/b; t=plain"},
      {"a/b; t=plain; t*=utf-8''better", "a/b; t=better"},
      {"a/b; t*=utf-8''%zz%4", "a/b; t=%zz%4"},
      {"a/b; t*=x-unknown''%C3%A9", "a/b; t=\xc3\xa9"},
      {"a/b; t*=no quotes", "a/b; t=no quotes"},
      {"a/b; t*=utf-8''a%0D%0ABcc: b", "a/b; t=a  Bcc: b"},
      {"a/b; t*01=a", "a/b; t*01=a"},
      {"a/b; t*99999999999=a", "a/b; t*99999999999=a"},
      // Encoded words where they are forbidden, and everyone sends them
      {"a/b; name=\"=?utf-8?Q?caf=C3=A9?=\"", "a/b; name=caf\xc3\xa9"},
      {"a/b; boundary=\"=?utf-8?Q?x?=\"", "a/b; boundary==?utf-8?Q?x?="},
  };
  for (const auto& [raw, expected] : rows) {
    INFO(raw);
    CHECK(shown(raw) == expected);
  }
}

TEST_CASE("parameters with their continuations joined") {
  struct Row {
    std::string raw, expected;
  };
  const Row rows[] = {
      {"a/b; T*0*=utf-8''%E2; t*1*=%82%AC; x=\"y\\z\"", "a/b; t*=utf-8''%E2%82%AC; x=yz"},
      {"a/b; t*1=b; t*0=a; t*3=d", "a/b; t=ab"},
      {"a/b; t*0*=iso-8859-1'en'%E4; t*1=\"b c%\"", "a/b; t*=iso-8859-1'en'%E4b%20c%25"},
      {"a/b; t*0=a; t*1*=%E4", "a/b; t*=''a%E4"},
      {"a/b; t=plain; t*=utf-8''%C3%A9", "a/b; t=plain; t*=utf-8''%C3%A9"},
      {"a/b; t*2=lost; u=v", "a/b; u=v"},
      {"a/b; name=\"=?utf-8?Q?caf=C3=A9?=\"", "a/b; name==?utf-8?Q?caf=C3=A9?="},
      {"a/b; name=caf\xe9", "a/b; name=caf\xe9"},
  };
  for (const auto& [raw, expected] : rows) {
    INFO(raw);
    CHECK(shown(raw, ParameterForm::joined) == expected);
  }
}

TEST_CASE("the number of parameters is limited") {
  std::string raw = "a/b";
  for (int i = 0; i < 1000; ++i) raw += "; p" + std::to_string(i) + "=x";
  CHECK(parse_content_value(raw).parameters.size() == kMaxParameters);
}
