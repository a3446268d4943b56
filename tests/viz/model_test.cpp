// The model: custody, states that do not depend on the way to them, the transcript, the catalogue.
#include <set>

#include "sim/story/wire.hpp"
#include "tests/catch.hpp"
#include "tests/viz/fixture.hpp"
#include "viz/model/details.hpp"
#include "viz/model/transcript.hpp"

using namespace mailscope;
using trace::Kind;

namespace {

/// The n-th step of this kind, counted from 0, at or after `from`.
std::size_t step_of_kind(const viz::Lesson& lesson, Kind kind, std::size_t from = 0) {
  for (std::size_t i = from; i < lesson.steps(); ++i) {
    if (lesson.step(i).kind == kind) return i;
  }
  FAIL("no such step");
  return 0;
}

std::vector<std::string> holders(const viz::Lesson& lesson, const viz::State& state,
                                 trace::MessageNumber message) {
  std::vector<std::string> out;
  for (const trace::HostId host : state.responsible(message))
    out.push_back(lesson.world().name(host));
  return out;
}

}  // namespace

TEST_CASE("custody passes with the final 250 and never before") {
  const trace::Log log = fixture::delivery();
  const viz::Lesson lesson(log);
  const std::size_t first = step_of_kind(lesson, Kind::smtp_data);
  const std::size_t data = step_of_kind(lesson, Kind::smtp_data, first + 1);
  const trace::MessageNumber message = lesson.after(data).current_message;
  REQUIRE(message != 0);
  using Names = std::vector<std::string>;
  CHECK(holders(lesson, lesson.before(first), message).empty());
  CHECK(holders(lesson, lesson.before(data), message) == Names{"mail.acme"});
  CHECK(lesson.after(data).transits.size() == 1);
  CHECK(holders(lesson, lesson.after(data), message) == Names{"mail.acme"});
  // The exchanger has written it down, and stored it, but has not answered yet.
  const std::size_t stored = step_of_kind(lesson, Kind::store_appended, data);
  CHECK(holders(lesson, lesson.after(stored), message) == Names{"mail.acme"});
  const std::size_t reply = step_of_kind(lesson, Kind::smtp_reply, data);
  CHECK(holders(lesson, lesson.before(reply), message) == Names{"mail.acme"});
  const viz::State after = lesson.after(reply);
  CHECK(after.transits.empty());
  CHECK(holders(lesson, after, message).empty());
  CHECK(after.message(message)->mailboxes == Names{"bob@globex.example/INBOX"});
  CHECK(after.mailbox_messages("bob@globex.example") == 1);
}

TEST_CASE("a refused message stays with its host until the sender is told") {
  const trace::Log log = fixture::unknown_user();
  const viz::Lesson lesson(log);
  const std::size_t failed = step_of_kind(lesson, Kind::mail_failed);
  const trace::MessageNumber message = lesson.step(failed).message;
  CHECK(lesson.after(failed).responsible(message).size() == 1);
  const std::size_t bounced = step_of_kind(lesson, Kind::mail_bounced);
  CHECK(lesson.after(bounced).responsible(message).empty());
  CHECK(lesson.after(lesson.steps() - 1).mailbox_messages("alice@acme.example") == 1);
  CHECK(lesson.after(lesson.steps() - 1).copies.empty());
}

namespace {

/// Folds events of a hand-written log one after the other.
struct Folded {
  trace::Log log;
  viz::State state;
  trace::HostId host = log.host("mx.globex");
  void record(Kind kind, std::initializer_list<trace::Value> values) {
    const std::vector<trace::Value> list(values);
    const trace::EventId id = log.append({}, kind, {host, 0, 0, 7}, 0, list.data(), list.size());
    viz::apply(state, log, id, {});
  }
  std::vector<std::string> waiting() const {
    std::vector<std::string> out;
    for (const viz::Copy* copy : state.queue(host)) {
      out.push_back(copy->queue_id + ":");
      for (const std::string& each : copy->recipients) out.back() += " " + each;
    }
    return out;
  }
};

}  // namespace

TEST_CASE("nobody is told of a failure, and the copy stays for those who wait") {
  using Lines = std::vector<std::string>;
  Folded f;
  f.record(Kind::mail_accepted, {"Q1", "<1@a>", "", "bob@x.example, pam@x.example", 9, "..."});
  f.record(Kind::mail_failed, {"Q1", "bob@x.example", "5.1.1", "550 no"});
  f.record(Kind::mail_discarded, {"Q1", "nobody is told: the sender asked for that"});
  CHECK(f.waiting() == Lines{"Q1: pam@x.example"});
  f.record(Kind::mail_waits, {"Q1", "x.example", "rate", 2});
  CHECK(f.state.queue(f.host)[0]->status == "waits for its turn");
  f.record(Kind::mail_failed, {"Q1", "pam@x.example", "5.1.1", "550 no"});
  CHECK(f.waiting() == Lines{"Q1:"});
  f.record(Kind::mail_discarded, {"Q1", "nobody is told: the sender asked for that"});
  CHECK(f.waiting().empty());
}

TEST_CASE("a filter that keeps nothing ends its recipient's copy") {
  Folded f;
  f.record(Kind::mail_accepted, {"Q1", "<1@a>", "", "bob@x.example, pam@x.example", 9, "..."});
  f.record(Kind::sieve_run, {"Q1", "bob@x.example", "main", "keep", 0});
  f.record(Kind::sieve_run, {"Q1", "pam@x.example", "main", "discard", 1});
  CHECK(f.waiting() == std::vector<std::string>{"Q1: bob@x.example"});
}

TEST_CASE("the state at a step does not depend on the way to it") {
  for (const trace::Log& log : {fixture::delivery(), fixture::unknown_user(), fixture::ring(4)}) {
    const viz::Lesson lesson(log);
    const auto messages = viz::messages_on_the_wire(log);
    viz::State folded;
    std::vector<viz::State> forward;
    for (std::size_t i = 0; i < lesson.steps(); ++i) {
      while (folded.event < lesson.step(i).last)
        viz::apply(folded, log, folded.event + 1, messages);
      forward.push_back(folded);
    }
    for (std::size_t i = lesson.steps(); i-- > 0;) REQUIRE(lesson.after(i) == forward[i]);
    for (std::size_t i = 1; i < lesson.steps(); ++i) REQUIRE(lesson.before(i) == forward[i - 1]);
  }
}

TEST_CASE("every event has a caption without open placeholders") {
  for (const trace::Log& log : {fixture::delivery(), fixture::unknown_user()}) {
    const story::World world = story::read_world(log);
    for (trace::EventId id = 1; id <= log.size(); ++id) {
      const story::Caption caption = story::caption(world, log, id);
      INFO(trace::info(log.at(id).kind).name);
      CHECK_FALSE(caption.bold.empty());
      // "{host}" left over; "{1690}" is a literal of the wire.
      for (const std::string& text : {caption.bold, caption.support}) {
        const std::size_t open = text.find('{');
        CHECK((open == std::string::npos || (text[open + 1] >= '0' && text[open + 1] <= '9')));
      }
      CHECK((caption.rfc.empty() || caption.rfc.starts_with("RFC ")));
    }
  }
}

TEST_CASE("the catalogue covers every kind, and its placeholders exist") {
  const std::set<std::string_view> special{"host",       "peer",         "client",     "server",
                                           "host_org",   "client_org",   "server_org", "path",
                                           "first_line", "short_answer", "say",        "more"};
  std::set<std::pair<Kind, std::string_view>> seen;
  for (const story::Entry& entry : story::catalogue()) {
    INFO(trace::info(entry.kind).name << " / " << entry.variant);
    CHECK(seen.emplace(entry.kind, entry.variant).second);
    for (std::string_view text : {entry.bold, entry.support}) {
      for (std::size_t at = text.find('{'); at != std::string_view::npos;
           at = text.find('{', at + 1)) {
        const std::string_view key = text.substr(at + 1, text.find('}', at) - at - 1);
        INFO("{" << key << "}");
        bool known = special.contains(key);
        for (const trace::FieldInfo& field : trace::info(entry.kind).fields)
          known = known || field.name == key;
        CHECK(known);
      }
    }
  }
  for (const trace::KindInfo& kind : trace::all_kinds()) {
    INFO(kind.name);
    CHECK(seen.contains({kind.kind, ""}));
  }
}

TEST_CASE("steps and chapters cover the story without gaps") {
  for (const trace::Log& log : {fixture::delivery(), fixture::unknown_user(), fixture::ring(5)}) {
    for (const auto grain :
         {story::Granularity::exchange, story::Granularity::wire, story::Granularity::packet}) {
      const story::Story story = story::tell(story::read_world(log), log, grain);
      REQUIRE_FALSE(story.steps.empty());
      for (std::size_t i = 0; i + 1 < story.steps.size(); ++i) {
        REQUIRE(story.steps[i].last + 1 == story.steps[i + 1].event);
        REQUIRE(story.steps[i].chapter <= story.steps[i + 1].chapter);
      }
      REQUIRE(story.chapters.front().first == 0);
      REQUIRE(story.chapters.back().last == story.steps.size() - 1);
      for (std::size_t c = 0; c + 1 < story.chapters.size(); ++c)
        REQUIRE(story.chapters[c].last + 1 == story.chapters[c + 1].first);
      for (std::size_t i = 0; i < story.steps.size(); ++i)
        REQUIRE(story.step_of(story.steps[i].event) == i);
    }
  }
}

TEST_CASE("finer grains have more steps") {
  const trace::Log log = fixture::delivery();
  const story::World world = story::read_world(log);
  const auto count = [&](story::Granularity grain) {
    return story::tell(world, log, grain).steps.size();
  };
  CHECK(count(story::Granularity::exchange) < count(story::Granularity::wire));
  CHECK(count(story::Granularity::wire) < count(story::Granularity::packet));
}

TEST_CASE("chapters of a delivery follow what goes on") {
  const trace::Log log = fixture::delivery();
  const story::Story story = story::tell(story::read_world(log), log);
  std::vector<std::string> titles;
  for (const story::Chapter& chapter : story.chapters) titles.push_back(chapter.title);
  CHECK(titles == std::vector<std::string>{"Submit", "Look up", "Connect & encrypt", "Transfer",
                                           "Store & read"});
}

TEST_CASE("causes lead back to what a person did") {
  const trace::Log log = fixture::delivery();
  const viz::Lesson lesson(log);
  const std::size_t data = step_of_kind(lesson, Kind::smtp_data);
  const auto chain = lesson.causes(data);
  REQUIRE_FALSE(chain.empty());
  CHECK(chain.back() == data);
  CHECK(std::is_sorted(chain.begin(), chain.end()));
}

TEST_CASE("the transcript marks the step and shows one event ahead") {
  const trace::Log log = fixture::delivery();
  const viz::Lesson lesson(log);
  const std::size_t data =
      step_of_kind(lesson, Kind::smtp_data, step_of_kind(lesson, Kind::smtp_data) + 1);
  const story::Step& step = lesson.step(data);
  const viz::Transcript t = viz::transcript(lesson, step.connection, step.last, step.event);
  REQUIRE(t.current_last - t.current_first == 4);
  CHECK(t.lines[t.current_first].text == "From: Alice <alice@acme.example>");
  CHECK(t.lines[t.current_last - 1].text == ".");
  REQUIRE(t.next_first < t.lines.size());
  CHECK(t.lines[t.next_first].text == "250 2.0.0 Ok: queued as 7C31E0");
  CHECK(viz::transcript(lesson, step.connection, step.last, step.event, false).lines.size() ==
        t.next_first);
}

TEST_CASE("a DNS walk shows each server and the answer") {
  const trace::Log log = fixture::delivery();
  const viz::Lesson lesson(log);
  const std::size_t result = step_of_kind(lesson, Kind::dns_result);
  const viz::DnsWalk walk = viz::dns_walk(lesson, lesson.step(result).event);
  REQUIRE(walk.hops.size() == 4);  // the resolver, root, .example, ns1.globex
  CHECK(walk.hops[1].server == "the root server");
  CHECK(walk.hops[3].answer == "10 mx1, 20 mx2");
  CHECK(walk.result == "ok");
  CHECK(walk.records.size() == 2);
}

TEST_CASE("reply digits are explained") {
  const auto notes = viz::explain_reply(550, "5.1.1");
  REQUIRE(notes.size() == 4);
  CHECK(notes[0].meaning == "permanent failure");
  CHECK(notes[1].meaning == "about the mail system");
  CHECK(notes[2].meaning == "about the address");
  CHECK(notes[3].meaning == "no such mailbox");
  CHECK(viz::explain_reply(250, "").size() == 2);
  CHECK(viz::explain_reply(7, "x").empty());
}

TEST_CASE("records are shortened") {
  CHECK(story::compact_records("globex.example. 3600 IN MX 10 mx1.globex.example.") == "10 mx1");
  CHECK(story::compact_records("mx1.globex.example. 3600 IN A 10.2.0.25") == "10.2.0.25");
  CHECK(story::compact_records(
            "a. 1 IN A 1.1.1.1\na. 1 IN A 1.1.1.2\na. 1 IN A 1.1.1.3\na. 1 IN A 1.1.1.4") ==
        "1.1.1.1, 1.1.1.2, 1.1.1.3 +1");
  CHECK(story::compact_records("").empty());
}

TEST_CASE("headers are read as they are") {
  const viz::Header header =
      viz::read_header("From: a@b\r\nSubject: one\r\n two\r\n\r\nbody: not a field\r\n");
  CHECK(header.fields.size() == 2);
  CHECK(header.find("subject") == "one two");
  CHECK(header.body == std::vector<std::string>{"body: not a field"});
  CHECK(viz::read_header("").fields.empty());
}
