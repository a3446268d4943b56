// After the login: the account's scripts.
#include "server/managesieve/server.hpp"
#include "server/managesieve/wire.hpp"

namespace mailscope::managesieve {

using store::StoreError;

namespace {

constexpr std::string_view kNoScript = "There is no script by that name";

/// Problems as a compiler tells them, a line each (RFC 5804 section 2.6).
std::string told(const std::vector<sieve::Problem>& problems) {
  std::string out;
  for (const sieve::Problem& problem : problems)
    out += (out.empty() ? "" : "\r\n") + problem.to_string();
  return out;
}

}  // namespace

bool ServerEngine::sound_name(std::string_view name) {
  if (is_script_name(name)) return true;
  no({}, name.empty()
             ? "A script needs a name"
             : "The name is longer than 512 octets, not UTF-8, or holds control characters");
  return false;
}

/// False with the answer when the account has no room for it (RFC 5804 section 1.5).
bool ServerEngine::has_space(std::string_view name, std::uint64_t octets) {
  if (octets > options_.limits.receiver.literal) {
    no("QUOTA/MAXSIZE",
       "A script has at most " + std::to_string(options_.limits.receiver.literal) + " octets");
    return false;
  }
  std::uint64_t sum = octets;
  std::size_t others = 0;
  for (const store::ScriptInfo& script : store_.scripts(account_)) {
    if (script.name == name) continue;
    sum += script.size;
    ++others;
  }
  if (others >= store::kMaxScripts) {
    no("QUOTA/MAXSCRIPTS", "There may be " + std::to_string(store::kMaxScripts) + " scripts");
    return false;
  }
  if (sum > store::kMaxScriptsOctets) {
    no("QUOTA",
       "All scripts together have at most " + std::to_string(store::kMaxScriptsOctets) + " octets");
    return false;
  }
  return true;
}

sieve::Compiled ServerEngine::checked(std::string_view script) const {
  return sieve::compile(script, [this](std::string_view extension) {
    return switches_.offers("SIEVE=" + std::string(extension));
  });
}

/// False with the answer when the script is none.
bool ServerEngine::accepted(const sieve::Compiled& compiled) {
  if (compiled.script) return true;
  no({}, told(compiled.problems));
  return false;
}

/// The answer to what the store did.
void ServerEngine::stored(StoreError error, std::string_view name) {
  switch (error) {
    case StoreError::none:
      return ok();
    case StoreError::no_such_script:
      return no("NONEXISTENT", kNoScript);
    case StoreError::already_exists:
      return no("ALREADYEXISTS", "There is a script of that name already");
    case StoreError::not_permitted:
      return no("ACTIVE", "The active script may not be deleted");
    case StoreError::over_quota:
    case StoreError::too_many:
      return no("QUOTA", store::to_string(error));
    default:
      return no({}, std::string(name) + ": " + std::string(store::to_string(error)));
  }
}

void ServerEngine::havespace(const Received& command) {
  if (!sound_name(command.text(0))) return;
  if (has_space(command.text(0), command.tokens[2].number)) ok();
}

void ServerEngine::putscript(const Received& command) {
  const std::string_view name = command.text(0), script = command.text(1);
  if (!sound_name(name)) return;
  if (script.empty()) return no({}, "The script is empty");
  if (!has_space(name, script.size())) return;
  const sieve::Compiled compiled = checked(script);
  if (!accepted(compiled)) return;
  const StoreError error = store_.put_script(account_, name, script);
  if (error != StoreError::none || compiled.warnings.empty()) return stored(error, name);
  ok("WARNINGS", told(compiled.warnings));
}

void ServerEngine::checkscript(const Received& command) {
  if (command.text(0).empty()) return no({}, "The script is empty");
  const sieve::Compiled compiled = checked(command.text(0));
  if (!accepted(compiled)) return;
  if (compiled.warnings.empty()) return ok();
  ok("WARNINGS", told(compiled.warnings));
}

void ServerEngine::listscripts(const Received&) {
  for (const store::ScriptInfo& script : store_.scripts(account_)) {
    data(wire_string(script.name) + (script.active ? " ACTIVE" : ""));
  }
  ok();
}

void ServerEngine::setactive(const Received& command) {
  stored(store_.activate_script(account_, command.text(0)), command.text(0));
}

void ServerEngine::getscript(const Received& command) {
  const auto script = store_.script(account_, command.text(0));
  if (!script) return no("NONEXISTENT", kNoScript);
  // RFC 5804 section 2.9: the string as it was put, literal whatever it holds.
  data("{" + std::to_string(script->size()) + "}\r\n" + *script);
  ok();
}

void ServerEngine::deletescript(const Received& command) {
  stored(store_.remove_script(account_, command.text(0)), command.text(0));
}

void ServerEngine::renamescript(const Received& command) {
  if (!sound_name(command.text(1))) return;
  stored(store_.rename_script(account_, command.text(0), command.text(1)), command.text(1));
}

}  // namespace mailscope::managesieve
