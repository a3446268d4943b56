// Rewritten senders: there and back, over one and two forwarders, and what forgers try.
#include "server/host/srs.hpp"

#include "tests/catch.hpp"

namespace mailscope::host {
namespace {

using Trouble = SenderRewriting::Trouble;
const net::Time kNow = net::Time(std::chrono::sys_days(std::chrono::year{2026} / 3 / 2));

mail::Mailbox at(std::string_view text) {
  return mail::Mailbox::parse(text).value();
}

}  // namespace

TEST_CASE("a sender is rewritten and found again", "[host][srs]") {
  const SenderRewriting b("b.example", "key of b, sixteen");
  for (const char* who :
       {"alice@a.example", "\"two words\"@a.example", "x=y+z@sub.a.example", "Alice@a.example"}) {
    CAPTURE(who);
    const mail::Mailbox path = b.forward(at(who), kNow);
    CHECK(path.domain == "b.example");
    CHECK(path.local.starts_with("SRS0="));
    const auto back = b.reverse(path.local, kNow + std::chrono::days(20));
    CHECK(back.trouble == Trouble::none);
    CHECK(back.sender == at(who));
  }
}

TEST_CASE("two forwarders name the first and the last", "[host][srs]") {
  const SenderRewriting b("b.example", "key of b, sixteen"), c("c.example", "key of c, sixteen"),
      d("d.example", "key of d, sixteen");
  const mail::Mailbox first = b.forward(at("al@a.example"), kNow);
  const mail::Mailbox second = c.forward(first, kNow);
  CHECK(second.local.starts_with("SRS1="));
  CHECK(second.domain == "c.example");
  const mail::Mailbox third = d.forward(second, kNow);
  CHECK(third.local.size() == second.local.size());
  const auto back = d.reverse(third.local, kNow);
  CHECK(back.trouble == Trouble::none);
  CHECK(back.sender == first);
  CHECK(b.reverse(back.sender.local, kNow).sender == at("al@a.example"));
}

TEST_CASE("what stays as it is", "[host][srs]") {
  const SenderRewriting b("b.example", "key of b, sixteen");
  CHECK(b.forward({}, kNow) == mail::Mailbox{});
  CHECK(b.forward(at("bob@b.example"), kNow) == at("bob@b.example"));
  const mail::Mailbox longest = at(std::string(60, 'x') + "@a.example");
  CHECK(b.forward(longest, kNow) == longest);
}

TEST_CASE("paths that nobody here has made", "[host][srs]") {
  const SenderRewriting b("b.example", "key of b, sixteen"), c("c.example", "key of c, sixteen");
  const std::string good = b.forward(at("alice@a.example"), kNow).local;
  CHECK(c.reverse(good, kNow).trouble == Trouble::forged);
  std::string other = good;
  other.replace(other.find("alice"), 5, "mallo");
  CHECK(b.reverse(other, kNow).trouble == Trouble::forged);
  CHECK(b.reverse(good, kNow + std::chrono::days(22)).trouble == Trouble::expired);
  CHECK(b.reverse(good, kNow - std::chrono::days(2)).trouble == Trouble::expired);
  std::string shouted = good;
  for (char& c1 : shouted)
    if (c1 >= 'a' && c1 <= 'z') c1 = static_cast<char>(c1 - 32);
  CHECK(b.reverse(shouted, kNow).trouble == Trouble::none);
  for (const char* none : {"", "alice", "SRS0", "SRS0=", "SRS0=abcd", "SRS2=abcd=AA=a.example=x"}) {
    CAPTURE(none);
    CHECK(b.reverse(none, kNow).trouble == Trouble::not_srs);
  }
}

}  // namespace mailscope::host
