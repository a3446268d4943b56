// Chapters when the lesson gives none: runs of steps that do the same kind of thing.
#include <map>

#include "sim/story/story.hpp"

namespace mailscope::story {
namespace {

using trace::ConnectionId;
using trace::EventId;
using trace::Kind;
using trace::Layer;
using trace::Log;

enum class Phase : std::uint8_t {
  none,
  submit,
  lookup,
  connect,
  transfer,
  check,
  store,
  wait,
  again,
  bounce
};

constexpr std::size_t kMaxChapters = 9;  // as many names as the timeline can show

const char* title(Phase phase) {
  switch (phase) {
    case Phase::submit:
      return "Submit";
    case Phase::lookup:
      return "Look up";
    case Phase::connect:
      return "Connect & encrypt";
    case Phase::transfer:
      return "Transfer";
    case Phase::check:
      return "Check";
    case Phase::store:
      return "Store & read";
    case Phase::wait:
      return "Wait";
    case Phase::again:
      return "Try again";
    case Phase::bounce:
      return "Bounce";
    case Phase::none:
      return "Begin";
  }
  return "";
}

struct Session {
  Phase phase = Phase::none;  // for a connection to a mail exchanger: connect, then transfer
  bool exchanger = false;
};

class Divider {
 public:
  Divider(const World& world, const Log& log) : world_(world) {
    for (EventId id = 1; id <= log.size(); ++id) {
      const trace::Event& event = log.at(id);
      if (event.connection == 0) continue;
      Session& session = sessions_[event.connection];
      if (event.kind == Kind::smtp_connected) {
        session.exchanger = log.text(id, "role") == "mx";
        session.phase = session.exchanger ? Phase::connect : Phase::submit;
      } else if (event.kind == Kind::pop3_connected || event.kind == Kind::imap_connected ||
                 event.kind == Kind::sieve_connected) {
        session.phase = Phase::store;
      }
    }
  }

  Phase phase(const Step& step) {
    Phase now = plain_phase(step);
    if (now == Phase::bounce) mode_ = Phase::bounce;
    if (now == Phase::wait) mode_ = Phase::again;
    if (step.kind == Kind::lesson_act) {
      mode_ = Phase::none;
      reading_ = step.label != "send";
    }
    const bool on_the_way = now == Phase::lookup || now == Phase::connect ||
                            now == Phase::transfer || now == Phase::check;
    if (mode_ != Phase::none && on_the_way) now = mode_;
    last_ = now;
    return now;
  }

 private:
  Phase plain_phase(const Step& step) {
    const Layer layer = trace::info(step.kind).layer;
    if (step.connection != 0 && layer != Layer::dns && layer != Layer::store &&
        layer != Layer::mail) {
      Session& session = sessions_[step.connection];
      if (session.exchanger && step.kind == Kind::smtp_command &&
          step.label.substr(0, 4) == "MAIL") {
        session.phase = Phase::transfer;
      }
      if (session.phase != Phase::none) return session.phase;
    }
    switch (step.kind) {
      case Kind::lesson_act:
        return step.label == "send"   ? Phase::submit
               : last_ == Phase::none ? Phase::submit
                                      : Phase::store;
      case Kind::smtp_attempt:
      case Kind::transport_open:
        return Phase::connect;
      case Kind::mail_deferred:
        return Phase::wait;
      case Kind::mail_failed:
      case Kind::mail_bounced:
      case Kind::mail_discarded:
        return Phase::bounce;
      case Kind::mail_accepted:
        return last_;
      default:
        break;
    }
    if (layer == Layer::store) return Phase::store;
    if (layer == Layer::dns) {
      // What a person's own device looks up belongs to what the person does.
      const Host* asker = world_.host(step.kind == Kind::dns_result ? step.to : step.from);
      if (step.kind == Kind::dns_lookup) personal_ = asker != nullptr && asker->is_client();
      if (personal_) return reading_ ? Phase::store : Phase::submit;
    }
    if (layer == Layer::dns)
      return last_ == Phase::transfer || last_ == Phase::check ? Phase::check : Phase::lookup;
    return last_;
  }

  const World& world_;
  std::map<ConnectionId, Session> sessions_;
  bool personal_ = false;  // the lookup under way was asked by a device
  bool reading_ = false;   // the last thing a person did was not sending
  Phase last_ = Phase::none;
  Phase mode_ = Phase::none;
};

bool has_failure(const Story& story, const Chapter& chapter) {
  for (std::size_t i = chapter.first; i <= chapter.last; ++i) {
    if (story.steps[i].failure && story.steps[i].kind == Kind::smtp_reply) return true;
  }
  return false;
}

/// A lesson with many messages: a chapter for each thing that a person does.
void by_act(const World& world, const Log& log, Story& story) {
  static_cast<void>(world);
  std::vector<Chapter> acts;
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    if (acts.empty() || story.steps[i].kind == Kind::lesson_act) {
      const EventId event = story.steps[i].event;
      const bool act = story.steps[i].kind == Kind::lesson_act;
      acts.push_back({act ? std::string(log.text(event, "person")) + ": " +
                                std::string(log.text(event, "verb"))
                          : title(Phase::none),
                      i, i});
    }
    acts.back().last = i;
  }
  // More than there is room for: neighbours share a chapter.
  const std::size_t share = (acts.size() + kMaxChapters - 1) / kMaxChapters;
  story.chapters.clear();
  for (std::size_t i = 0; i < acts.size(); ++i) {
    if (i % share == 0) {
      story.chapters.push_back(acts[i]);
    } else {
      story.chapters.back().last = acts[i].last;
    }
  }
}

void by_lesson(const Log& log, const std::vector<EventId>& marks, Story& story) {
  for (std::size_t i = 0; i < story.steps.size(); ++i) {
    std::size_t chapter = 0;
    while (chapter + 1 < marks.size() && marks[chapter + 1] < story.steps[i].event) ++chapter;
    const std::string name(log.text(marks[chapter], "title"));
    if (story.chapters.empty() || story.chapters.back().title != name)
      story.chapters.push_back({name, i, i});
    story.chapters.back().last = i;
  }
}

void merge(std::vector<Chapter>& chapters, std::size_t into, std::size_t from) {
  chapters[into].first = std::min(chapters[into].first, chapters[from].first);
  chapters[into].last = std::max(chapters[into].last, chapters[from].last);
  chapters.erase(chapters.begin() + static_cast<std::ptrdiff_t>(from));
}

std::size_t length(const Chapter& chapter) {
  return chapter.last - chapter.first + 1;
}

/// Runs of one step join their neighbour, then the shortest ones until few enough are left.
void simplify(std::vector<Chapter>& chapters) {
  while (chapters.size() > 1) {
    std::size_t shortest = 0;
    for (std::size_t i = 1; i < chapters.size(); ++i) {
      if (length(chapters[i]) < length(chapters[shortest])) shortest = i;
    }
    if (length(chapters[shortest]) >= 3 && chapters.size() <= kMaxChapters) break;
    if (shortest == 0) {
      merge(chapters, 1, 0);
    } else {
      merge(chapters, shortest - 1, shortest);
    }
    for (std::size_t i = 1; i < chapters.size();) {
      if (chapters[i].title == chapters[i - 1].title) {
        merge(chapters, i - 1, i);
      } else {
        ++i;
      }
    }
  }
}

}  // namespace

void divide(const World& world, const Log& log, Story& story) {
  story.chapters.clear();
  std::vector<EventId> marks;
  for (EventId id = 1; id <= log.size(); ++id) {
    if (log.at(id).kind == Kind::lesson_chapter) marks.push_back(id);
  }
  if (!marks.empty()) {
    by_lesson(log, marks, story);
  } else {
    Divider divider(world, log);
    for (std::size_t i = 0; i < story.steps.size(); ++i) {
      const std::string name = title(divider.phase(story.steps[i]));
      if (story.chapters.empty() || story.chapters.back().title != name)
        story.chapters.push_back({name, i, i});
      story.chapters.back().last = i;
    }
    std::size_t acts = 0;
    for (const Step& step : story.steps) acts += step.kind == Kind::lesson_act ? 1 : 0;
    if (acts > 2 && story.chapters.size() > kMaxChapters) {
      by_act(world, log, story);
    } else {
      simplify(story.chapters);
    }
    for (Chapter& chapter : story.chapters) {
      if (chapter.title == title(Phase::transfer) && has_failure(story, chapter))
        chapter.title = "Refuse";
    }
  }
  for (std::size_t c = 0; c < story.chapters.size(); ++c) {
    for (std::size_t i = story.chapters[c].first; i <= story.chapters[c].last; ++i) {
      story.steps[i].chapter = static_cast<std::uint32_t>(c);
    }
  }
}

}  // namespace mailscope::story
