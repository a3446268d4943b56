// Rights as sets of letters (RFC 4314 section 2).
#include "server/imap/rights.hpp"

#include <map>

#include "tests/catch.hpp"

namespace mailscope::imap {

TEST_CASE("rights are read and written", "[imap]") {
  CHECK(Rights::parse("lrs")->letters() == "lrs");
  CHECK(Rights::parse("srl")->letters() == "lrs");
  CHECK(Rights::parse("")->empty());
  CHECK(Rights::all().letters() == kRightLetters);
  CHECK_FALSE(Rights::parse("lq"));
  CHECK_FALSE(Rights::parse("L"));
  CHECK_FALSE(Rights::parse("l0"));
  // RFC 4314 section 2.1.1: "lrswida" and "lrswikda" of its examples.
  CHECK(Rights::parse("lrswida")->letters() == "lrswitea");
  CHECK(Rights::parse("lrswida")->shown() == "lrswitead");
  CHECK(Rights::parse("lrswikda")->shown() == "lrswikteacd");
  CHECK(Rights::parse("c")->letters() == "kx");
  CHECK(Rights::parse("x")->shown() == "xc");
}

TEST_CASE("SETACL's third argument", "[imap]") {
  RightsChange change;
  CHECK_FALSE(parse_rights_change("+cda", change));
  CHECK(change.apply(*Rights::parse("lrswi")).letters() == "lrswikxtea");
  change = {};
  CHECK_FALSE(parse_rights_change("-ws", change));
  CHECK(change.apply(*Rights::parse("lrswi")).letters() == "lri");
  change = {};
  CHECK_FALSE(parse_rights_change("", change));
  CHECK(change.apply(*Rights::parse("lrswi")).empty());
  change = {};
  CHECK(parse_rights_change("lrQswicda", change) == "Uppercase rights are not allowed");
  CHECK(parse_rights_change("lrqswicda", change) == "The q right is not supported");
  CHECK(parse_rights_change("lr!", change) == "Rights are lowercase letters");
}

TEST_CASE("who has which rights", "[imap]") {
  const std::map<std::string, std::string> entries = {
      {"-fred", "wetd"}, {"anyone", "l"}, {"fred", "rwipslxetad"}, {"-anyone", "a"}};
  CHECK(rights_of(entries, "fred").letters() == "lrsipx");
  CHECK(rights_of(entries, "joe").letters() == "l");
}

}  // namespace mailscope::imap
