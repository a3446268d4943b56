// What the server can do (RFC 2449), UTF-8 and the language of its replies (RFC 6856).
//
//   C: LANG de
//   S: -ERR No such language
//   C: LANG en
//   S: +OK en Language changed
//   C: UTF8
//   S: +OK UTF-8 is welcome
#include "server/pop3/capabilities.hpp"
#include "server/pop3/languages.hpp"
#include "server/pop3/server.hpp"

namespace mailscope::pop3 {
namespace {

std::unique_ptr<MultiLine> lines_of(std::vector<std::string> lines) {
  const auto last = static_cast<std::uint32_t>(lines.size());
  return listing(1, last,
                 [lines = std::move(lines)](std::uint32_t number) { return lines[number - 1]; });
}

}  // namespace

void ServerEngine::capa(const Arguments&) {
  std::vector<std::string> lines;
  for (const Capability& row : capabilities()) {
    if (!contains(row.states, state_) || !offers(row.name)) continue;
    std::string text(row.name);
    if (row.argument != nullptr) text += ' ' + row.argument(*this);
    if (auto shown = switches_.announced(row.name, std::move(text))) {
      lines.push_back(std::move(*shown));
    }
  }
  for (std::string& other : switches_.announced_besides(
           [](std::string_view name) { return find_capability(name) != nullptr; })) {
    lines.push_back(std::move(other));
  }
  send("Capabilities follow", lines_of(std::move(lines)));
}

void ServerEngine::mechanism_list() {
  std::vector<std::string> lines;
  for (const std::string_view name : auth::offered_mechanisms(sasl_context())) {
    lines.emplace_back(name);
  }
  send("Mechanisms follow", lines_of(std::move(lines)));
}

void ServerEngine::utf8(const Arguments&) {
  utf8_ = true;
  ok("UTF-8 is welcome");
}

void ServerEngine::lang(const Arguments& arguments) {
  if (arguments.text.empty()) {
    std::vector<std::string> lines;
    for (const Language& language : languages()) {
      lines.push_back(std::string(language.tag) + ' ' + std::string(language.name));
    }
    return send("Languages follow", lines_of(std::move(lines)));
  }
  const Language* language = find_language(arguments.text);
  if (language == nullptr) return error("No such language");
  ok(std::string(language->tag) + " Language changed");
}

}  // namespace mailscope::pop3
