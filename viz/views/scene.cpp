#include "viz/views/scene.hpp"

#include <algorithm>

#include "viz/theme/icons.hpp"
#include "viz/theme/motion.hpp"

namespace mailscope::viz {
namespace {

constexpr const char* kTabTitles[kTabCount] = {"Transcript", "Message", "Reply", "DNS",   "Queue",
                                               "Mailbox",    "TLS",     "Auth",  "Packet"};

}  // namespace

const char* title(Tab tab) {
  return kTabTitles[static_cast<std::size_t>(tab)];
}

Scene::Scene(const Lesson& lesson_, const ViewState& view_, std::size_t step, float phase_)
    : lesson(lesson_),
      view(view_),
      index(std::min(step, lesson_.steps() - 1)),
      phase(phase_),
      before(lesson_.before(index)),
      after(lesson_.after(index)) {
  connection =
      lesson.step(index).connection != 0 ? lesson.step(index).connection : after.current_connection;
  message = after.current_message;
  if (view.causes) causes = lesson.causes(index);
}

const State& Scene::now() const {
  return phase < motion::kTravel ? before : after;
}

std::size_t hidden_from(const Lesson& lesson, const ViewState& view) {
  std::size_t first = lesson.steps();
  for (std::size_t i = 0; i < view.questions.size(); ++i) {
    if (i < view.given.size() && view.given[i]) continue;
    first = std::min(first, lesson.story().step_of(view.questions[i].event) + 1);
  }
  return first;
}

std::size_t Scene::hidden_from() const {
  return viz::hidden_from(lesson, view);
}

const Question* Scene::question() const {
  for (std::size_t i = 0; i < view.questions.size(); ++i) {
    const std::size_t at = lesson.story().step_of(view.questions[i].event);
    const bool open = i >= view.given.size() || !view.given[i];
    if (at == index || (open && index > at)) return &view.questions[i];
  }
  return nullptr;
}

std::optional<std::size_t> Scene::given_answer() const {
  const Question* open = question();
  if (open == nullptr) return std::nullopt;
  const auto i = static_cast<std::size_t>(open - view.questions.data());
  return i < view.given.size() ? view.given[i] : std::nullopt;
}

Colour lane_colour(const Palette& p, story::Lane lane) {
  switch (lane) {
    case story::Lane::dns:
      return p.dns;
    case story::Lane::tls:
      return p.tls;
    case story::Lane::smtp:
      return p.smtp;
    case story::Lane::auth:
      return p.auth;
    case story::Lane::store:
      return p.store;
    case story::Lane::read:
      return p.smtp;
    case story::Lane::none:
      return p.text_soft;
  }
  return p.text_soft;
}

Colour step_colour(const Palette& p, const story::Step& step) {
  if (step.failure) return p.failure;
  if (step.trouble) return p.dns;
  return lane_colour(p, step.lane);
}

std::string host_role(const story::Host& host) {
  if (host.is_client()) return "mail app";
  const bool mx = host.has("mx"), out = host.has("submission"),
             box = host.has("imap") || host.has("pop3");
  if (mx && out) return "mail server";
  if (out) return box ? "mail server, mailboxes" : "mail server, sends mail";
  if (mx) return box ? "mail exchanger, mailboxes" : "mail exchanger";
  if (box) return "mailbox server";
  if (host.has("relay")) return "relay";
  if (host.has("resolver")) return "resolver";
  if (host.is_name_server()) return "name server";
  return "host";
}

const char* host_icon(const story::Host& host) {
  if (host.is_client()) return icon::kLaptop;
  if (host.is_resolver() || host.is_name_server()) return icon::kResolver;
  return icon::kServer;
}

std::string seconds(std::int64_t ns) {
  const std::int64_t ms = ns / 1'000'000;
  std::string fraction = std::to_string(ms % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return std::to_string(ms / 1000) + "." + fraction;
}

std::string short_citation(const std::string& rfc) {
  const std::string word = " section ";
  const std::size_t at = rfc.find(word);
  return at == std::string::npos ? rfc
                                 : rfc.substr(0, at) + " \u00a7" + rfc.substr(at + word.size());
}

}  // namespace mailscope::viz
