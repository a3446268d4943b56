// Reading "lesson": chapters, notes, questions.
#include "sim/scenario/readers.hpp"

namespace mailscope::scenario {

void read_lesson(const Node& node, const Names& names, Scenario& scenario) {
  Lesson& out = scenario.lesson;
  if (node.has("chapters")) {
    for (const Node& entry : node["chapters"].items())
      out.chapters.push_back({entry.text("title"), entry.duration("at")});
  }
  if (node.has("notes")) {
    for (const Node& entry : node["notes"].items()) {
      out.notes.push_back({read_event(entry["when"], names), entry.text("say"), entry.text("more"),
                           entry.text("rfc")});
    }
  }
  if (!node.has("questions")) return;
  for (const Node& entry : node["questions"].items()) {
    Question question{read_event(entry["when"], names),
                      entry.text("ask"),
                      {},
                      entry.integer<int>("right", 0),
                      entry.text("because")};
    for (const Node& answer : entry["answers"].items()) question.answers.push_back(answer.text());
    if (question.right >= static_cast<int>(question.answers.size()))
      entry["right"].fail("there is no such answer; the first one is 0");
    out.questions.push_back(std::move(question));
  }
}

}  // namespace mailscope::scenario
