// The examples of RFC 5256 section 3, THREAD: one mailbox that gives both answers.
#include <algorithm>
#include <map>
#include <set>

#include "tests/catch.hpp"
#include "tests/imap/dialogue.hpp"

namespace mailscope::imap::test {
namespace {

constexpr int kFirst = 166, kLast = 208;  // those below are older than 5-Mar-2000

// The order in which they were sent, where it is not that of their numbers.
std::vector<int> sent_order() {
  std::vector<int> order = {166, 167, 168, 169, 172, 170, 171, 173, 174, 175, 176, 179,
                            177, 178, 181, 180, 183, 182, 188, 184, 185, 186, 187, 189};
  for (int i = 190; i <= kLast; ++i) order.push_back(i);
  return order;
}

// Who shares a subject with whom: the threads of ORDEREDSUBJECT by their first message.
int subject_of(int number) {
  static const std::map<int, std::set<int>> kShared = {
      {174, {175, 176, 178, 181, 180}},
      {177, {183, 182, 188, 184, 185, 186, 187, 189}},
      {194, {195}},
      {196, {197, 198}},
      {200, {202}},
      {206, {207}},
  };
  for (const auto& [first, others] : kShared) {
    if (others.contains(number)) return first;
  }
  return number;
}

// Who answers whom; 1 is a message that is not there.
int parent_of(int number) {
  static const std::map<int, int> kParents = {{170, 1},   {179, 1},   {184, 188}, {189, 188},
                                              {186, 185}, {196, 195}, {198, 197}, {202, 200},
                                              {206, 205}, {207, 206}};
  const auto at = kParents.find(number);
  return at == kParents.end() ? 0 : at->second;
}

std::string id(int number) {
  return "<" + std::to_string(number) + "@x.example>";
}

void fill(World& world) {
  const auto append = [&world](const std::string& octets, net::Time arrived) {
    REQUIRE(world.store.append(world.mailbox("INBOX"), octets, {}, arrived));
  };
  const net::Time start(std::chrono::sys_days(std::chrono::year{2000} / 3 / 5));
  for (int i = 1; i < kFirst; ++i) append("Subject: old\r\n\r\n", start - std::chrono::days(1));
  const std::vector<int> order = sent_order();
  for (int i = kFirst; i <= kLast; ++i) {
    const auto minute = std::find(order.begin(), order.end(), i) - order.begin();
    std::string text = "Subject: subject " + std::to_string(subject_of(i)) +
                       "\nDate: 6 Mar 2000 09:" + (minute < 10 ? "0" : "") +
                       std::to_string(minute) + ":00 +0000\nMessage-ID: " + id(i) + "\n";
    if (parent_of(i) != 0) text += "References: " + id(parent_of(i)) + "\n";
    append(crlf(text + "\n"), start);
  }
}

}  // namespace

TEST_CASE("the examples of RFC 5256 section 3, THREAD", "[imap]") {
  play(
      "C: s SELECT INBOX\nS: ...\nS: s OK ...\n"
      "C: A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000\n"
      "S: * THREAD (166)(167)(168)(169)(172)(170)(171)"
      "(173)(174 (175)(176)(178)(181)(180))(179)(177"
      " (183)(182)(188)(184)(185)(186)(187)(189))(190)"
      "(191)(192)(193)(194 195)(196 (197)(198))(199)"
      "(200 202)(201)(203)(204)(205)(206 207)(208)\n"
      "S: A283 OK Threaded\n"
      "C: A284 THREAD ORDEREDSUBJECT US-ASCII TEXT \"gewp\"\n"
      "S: * THREAD\n"
      "S: A284 OK Threaded\n"
      "C: A285 THREAD REFERENCES UTF-8 SINCE 5-MAR-2000\n"
      "S: * THREAD (166)(167)(168)(169)(172)((170)(179))"
      "(171)(173)((174)(175)(176)(178)(181)(180))"
      "((177)(183)(182)(188 (184)(189))(185 186)(187))"
      "(190)(191)(192)(193)((194)(195 196))(197 198)"
      "(199)(200 202)(201)(203)(204)(205 206 207)(208)\n"
      "S: A285 OK Threaded\n",
      fill);
}

}  // namespace mailscope::imap::test
