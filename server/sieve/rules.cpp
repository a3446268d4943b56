#include "server/sieve/rules.hpp"

#include "server/sieve/checker.hpp"
#include "server/sieve/interpreter.hpp"

namespace mailscope::sieve {

const TagRule* find_tag(std::string_view name, std::uint32_t families) {
  using enum Value;
  static constexpr auto kTags = std::to_array<TagRule>({
      {"is", kMatch, Slot::match, none, ""},
      {"contains", kMatch, Slot::match, none, ""},
      {"matches", kMatch, Slot::match, none, ""},
      {"value", kMatch, Slot::match, string, "relational"},
      {"count", kMatch, Slot::match, string, "relational"},
      {"comparator", kComparator, Slot::comparator, string, ""},
      {"all", kAddressPart, Slot::address_part, none, ""},
      {"localpart", kAddressPart, Slot::address_part, none, ""},
      {"domain", kAddressPart, Slot::address_part, none, ""},
      {"user", kAddressPart, Slot::address_part, none, "subaddress"},
      {"detail", kAddressPart, Slot::address_part, none, "subaddress"},
      {"over", kSize, Slot::size, none, ""},
      {"under", kSize, Slot::size, none, ""},
      {"copy", kCopy, Slot::copy, none, "copy"},
      {"flags", kFlags, Slot::flags, strings, "imap4flags"},
      {"create", kCreate, Slot::create, none, "mailbox"},
      {"specialuse", kSpecialUse, Slot::special_use, string, "special-use"},
      {"lower", kModifier, Slot::modifier_40, none, ""},
      {"upper", kModifier, Slot::modifier_40, none, ""},
      {"lowerfirst", kModifier, Slot::modifier_30, none, ""},
      {"upperfirst", kModifier, Slot::modifier_30, none, ""},
      {"quotewildcard", kModifier, Slot::modifier_20, none, ""},
      {"encodeurl", kModifier, Slot::modifier_15, none, "enotify"},
      {"length", kModifier, Slot::modifier_10, none, ""},
      {"days", kVacation, Slot::interval, number, ""},
      {"seconds", kVacation, Slot::interval, number, "vacation-seconds"},
      {"subject", kVacation, Slot::subject, string, ""},
      {"from", kVacation, Slot::from, string, ""},
      {"addresses", kVacation, Slot::addresses, strings, ""},
      {"mime", kVacation, Slot::mime, none, ""},
      {"handle", kVacation, Slot::handle, string, ""},
      {"raw", kBody, Slot::body, none, ""},
      {"content", kBody, Slot::body, strings, ""},
      {"text", kBody, Slot::body, none, ""},
      {"zone", kZone, Slot::zone, string, ""},
      {"originalzone", kOriginalZone, Slot::zone, none, ""},
      {"index", kIndex, Slot::index, number, "index"},
      {"last", kIndex, Slot::last, none, "index"},
      {"index", kEditIndex, Slot::index, number, ""},
      {"last", kEditIndex | kEditLast, Slot::last, none, ""},
      {"handle", kDuplicate, Slot::handle, string, ""},
      {"header", kDuplicate, Slot::identity, string, ""},
      {"uniqueid", kDuplicate, Slot::identity, string, ""},
      {"seconds", kDuplicate, Slot::seconds, number, ""},
      {"last", kDuplicate, Slot::last, none, ""},
      {"from", kNotify, Slot::from, string, ""},
      {"importance", kNotify, Slot::importance, string, ""},
      {"options", kNotify, Slot::options, strings, ""},
      {"message", kNotify, Slot::message, string, ""},
  });
  for (const TagRule& tag : kTags) {
    if ((tag.families & families) != 0 && tag.name == name) return &tag;
  }
  return nullptr;
}

// clang-format off
std::span<const Rule> rules() {
  using enum Value;
  using C = Checker;
  using I = Interpreter;
  constexpr auto kNo = Tests::none;
  constexpr auto kPlain = Control::none;
  constexpr std::uint32_t kCompare = kMatch | kComparator;
  static constexpr auto kRules = std::to_array<Rule>({
      // Control commands.
      {"require", false, "", 0, {strings}, false, kNo, false, kPlain, &C::require, &I::nothing, nullptr, "RFC 5228 section 3.2"},
      {"if", false, "", 0, {}, false, Tests::one, true, Control::conditional, nullptr, &I::nothing, nullptr, "RFC 5228 section 3.1"},
      {"elsif", false, "", 0, {}, false, Tests::one, true, Control::otherwise_if, nullptr, &I::nothing, nullptr, "RFC 5228 section 3.1"},
      {"else", false, "", 0, {}, false, kNo, true, Control::otherwise, nullptr, &I::nothing, nullptr, "RFC 5228 section 3.1"},
      {"stop", false, "", 0, {}, false, kNo, false, kPlain, nullptr, &I::stop, nullptr, "RFC 5228 section 3.3"},
      // Actions.
      {"keep", false, "", kFlags, {}, false, kNo, false, kPlain, nullptr, &I::keep, nullptr, "RFC 5228 section 4.3"},
      {"fileinto", false, "fileinto", kFlags | kCopy | kCreate | kSpecialUse, {string}, false, kNo, false, kPlain, &C::fileinto, &I::fileinto, nullptr, "RFC 5228 section 4.1"},
      {"redirect", false, "", kCopy, {string}, false, kNo, false, kPlain, &C::redirect, &I::redirect, nullptr, "RFC 5228 section 4.2"},
      {"discard", false, "", 0, {}, false, kNo, false, kPlain, nullptr, &I::discard, nullptr, "RFC 5228 section 4.4"},
      {"reject", false, "reject", 0, {string}, false, kNo, false, kPlain, nullptr, &I::reject, nullptr, "RFC 5429 section 2.2"},
      {"ereject", false, "ereject", 0, {string}, false, kNo, false, kPlain, nullptr, &I::ereject, nullptr, "RFC 5429 section 2.1"},
      {"vacation", false, "vacation", kVacation, {string}, false, kNo, false, kPlain, &C::vacation, &I::vacation, nullptr, "RFC 5230 section 4"},
      {"set", false, "variables", kModifier, {string, string}, false, kNo, false, kPlain, &C::set, &I::set, nullptr, "RFC 5229 section 4"},
      {"setflag", false, "imap4flags", 0, {string, strings}, true, kNo, false, kPlain, &C::flag_variable, &I::setflag, nullptr, "RFC 5232 section 3.1"},
      {"addflag", false, "imap4flags", 0, {string, strings}, true, kNo, false, kPlain, &C::flag_variable, &I::addflag, nullptr, "RFC 5232 section 3.2"},
      {"removeflag", false, "imap4flags", 0, {string, strings}, true, kNo, false, kPlain, &C::flag_variable, &I::removeflag, nullptr, "RFC 5232 section 3.3"},
      {"addheader", false, "editheader", kEditLast, {string, string}, false, kNo, false, kPlain, &C::addheader, &I::addheader, nullptr, "RFC 5293 section 4"},
      {"deleteheader", false, "editheader", kCompare | kEditIndex, {string, strings}, false, kNo, false, kPlain, &C::deleteheader, &I::deleteheader, nullptr, "RFC 5293 section 5", true},
      {"notify", false, "enotify", kNotify, {string}, false, kNo, false, kPlain, &C::notify, &I::notify, nullptr, "RFC 5435 section 3"},
      {"error", false, "ihave", 0, {string}, false, kNo, false, kPlain, nullptr, &I::error, nullptr, "RFC 5463 section 5"},
      // Tests.
      {"address", true, "", kCompare | kAddressPart | kIndex, {strings, strings}, false, kNo, false, kPlain, &C::address, nullptr, &I::address, "RFC 5228 section 5.1"},
      {"allof", true, "", 0, {}, false, Tests::list, false, kPlain, nullptr, nullptr, &I::allof, "RFC 5228 section 5.2"},
      {"anyof", true, "", 0, {}, false, Tests::list, false, kPlain, nullptr, nullptr, &I::anyof, "RFC 5228 section 5.3"},
      {"envelope", true, "envelope", kCompare | kAddressPart, {strings, strings}, false, kNo, false, kPlain, &C::envelope, nullptr, &I::envelope, "RFC 5228 section 5.4"},
      {"exists", true, "", 0, {strings}, false, kNo, false, kPlain, nullptr, nullptr, &I::exists, "RFC 5228 section 5.5"},
      {"false", true, "", 0, {}, false, kNo, false, kPlain, nullptr, nullptr, &I::never, "RFC 5228 section 5.6"},
      {"header", true, "", kCompare | kIndex, {strings, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::header, "RFC 5228 section 5.7"},
      {"not", true, "", 0, {}, false, Tests::one, false, kPlain, nullptr, nullptr, &I::inverse, "RFC 5228 section 5.8"},
      {"size", true, "", kSize, {number}, false, kNo, false, kPlain, &C::size, nullptr, &I::size, "RFC 5228 section 5.9"},
      {"true", true, "", 0, {}, false, kNo, false, kPlain, nullptr, nullptr, &I::always, "RFC 5228 section 5.10"},
      {"string", true, "variables", kCompare, {strings, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::string, "RFC 5229 section 5"},
      {"hasflag", true, "imap4flags", kCompare, {strings, strings}, true, kNo, false, kPlain, &C::hasflag, nullptr, &I::hasflag, "RFC 5232 section 4"},
      {"body", true, "body", kCompare | kBody, {strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::body, "RFC 5173 section 4"},
      {"date", true, "date", kCompare | kZone | kOriginalZone | kIndex, {string, string, strings}, false, kNo, false, kPlain, &C::date, nullptr, &I::date, "RFC 5260 section 4"},
      {"currentdate", true, "date", kCompare | kZone, {string, strings}, false, kNo, false, kPlain, &C::currentdate, nullptr, &I::currentdate, "RFC 5260 section 5"},
      {"mailboxexists", true, "mailbox", 0, {strings}, false, kNo, false, kPlain, nullptr, nullptr, &I::mailboxexists, "RFC 5490 section 3.1"},
      {"metadata", true, "mboxmetadata", kCompare, {string, string, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::metadata, "RFC 5490 section 3.3"},
      {"metadataexists", true, "mboxmetadata", 0, {string, strings}, false, kNo, false, kPlain, nullptr, nullptr, &I::metadataexists, "RFC 5490 section 3.4"},
      {"servermetadata", true, "servermetadata", kCompare, {string, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::servermetadata, "RFC 5490 section 4.1"},
      {"servermetadataexists", true, "servermetadata", 0, {strings}, false, kNo, false, kPlain, nullptr, nullptr, &I::servermetadataexists, "RFC 5490 section 4.2"},
      {"specialuse_exists", true, "special-use", 0, {string, strings}, true, kNo, false, kPlain, &C::specialuse_exists, nullptr, &I::specialuse_exists, "RFC 8579 section 3"},
      {"environment", true, "environment", kCompare, {string, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::environment, "RFC 5183 section 4"},
      {"ihave", true, "ihave", 0, {strings}, false, kNo, false, kPlain, &C::ihave, nullptr, &I::ihave, "RFC 5463 section 4"},
      {"valid_notify_method", true, "enotify", 0, {strings}, false, kNo, false, kPlain, nullptr, nullptr, &I::valid_notify_method, "RFC 5435 section 4"},
      {"notify_method_capability", true, "enotify", kCompare, {string, string, strings}, false, kNo, false, kPlain, &C::compare, nullptr, &I::notify_method_capability, "RFC 5435 section 5"},
      {"duplicate", true, "duplicate", kDuplicate, {}, false, kNo, false, kPlain, nullptr, nullptr, &I::duplicate, "RFC 7352 section 3"},
  });
  return kRules;
}
// clang-format on

const Rule* find_rule(std::string_view name, bool test) {
  for (const Rule& rule : rules()) {
    if (rule.test == test && rule.name == name) return &rule;
  }
  return nullptr;
}

}  // namespace mailscope::sieve
