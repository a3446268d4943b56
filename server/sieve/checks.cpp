// What single commands and tests ask for beyond the tables.
#include <algorithm>
#include <array>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/checker.hpp"
#include "server/sieve/comparator.hpp"
#include "server/sieve/dates.hpp"
#include "server/sieve/extensions.hpp"
#include "server/sieve/match.hpp"
#include "server/sieve/message.hpp"
#include "server/sieve/outbound.hpp"
#include "server/sieve/strings.hpp"

namespace mailscope::sieve {

void Checker::require(Node& node) {
  for (const Text& text : node.positional[0].strings) {
    const Extension* extension = find_extension(text.value);
    if (extension == nullptr || (offered_ && !offered_(extension->name))) {
      fail(text.at, "this server has no extension \"" + text.value.substr(0, 80) + "\"");
    }
    // One that is missing is told once, not at each command that wants it.
    if (extension == nullptr) continue;
    required_.emplace(extension->name);
    if (!extension->implies.empty()) required_.emplace(extension->implies);
  }
}

void Checker::redirect(Node& node) {
  const Argument& address = node.positional[0];
  if (constant(address) && !parse_outbound(address.strings[0].value))
    fail(address.at, "\"" + address.strings[0].value.substr(0, 80) + "\" is no mail address");
  if (++redirects_ == limits_.redirects + 1) {
    warnings_.push_back({node.at, "at most " + std::to_string(limits_.redirects) +
                                      " redirects are carried out for one message"});
  }
}

void Checker::vacation(Node& node) {
  if (const Given* from = node.tag(Slot::from)) {
    if (constant(from->value) && parse_mailbox_list(from->value.strings[0].value).empty())
      fail(from->at, "':from' is no mail address and no list of them");
  }
  if (node.tag(Slot::mime) != nullptr && constant(node.positional[0])) {
    // RFC 5230 section 5: the header of the entity is 7-bit.
    const std::string& entity = node.positional[0].strings[0].value;
    const std::string_view header = std::string_view(entity).substr(0, entity.find("\r\n\r\n"));
    if (!mail::all_ascii(header))
      fail(node.positional[0].at, "the header of a ':mime' reason must be ASCII");
  }
}

void Checker::notify(Node& node) {
  if (const Given* from = node.tag(Slot::from)) {
    if (constant(from->value) && !parse_outbound(from->value.strings[0].value))
      fail(from->at, "':from' is no mail address");
  }
  if (const Given* importance = node.tag(Slot::importance)) {
    if (constant(importance->value) && !is_importance(importance->value.strings[0].value))
      fail(importance->at, "':importance' is \"1\", \"2\" or \"3\"");
  }
}

/// RFC 5229 section 6: there may be so many, and scripts have no loops that make new ones.
void Checker::variable_name(const Text& name) {
  variables_.insert(mail::lower(name.value));
  if (variables_.size() == limits_.variables + 1)
    fail(name.at, "the script sets more than " + std::to_string(limits_.variables) + " variables");
}

void Checker::set(Node& node) {
  const Text& name = node.positional[0].strings[0];
  if (name.variable || !is_identifier(name.value))
    fail(name.at,
         "the name of a variable consists of letters, digits and '_', and begins with "
         "no digit");
  else if (name.value.size() > limits_.variable_name)
    fail(name.at, "the name of the variable is too long");
  else
    variable_name(name);
  const Text& value = node.positional[1].strings[0];
  if (!value.variable && value.value.size() > limits_.variable)
    fail(value.at, "a variable holds at most " + std::to_string(limits_.variable) + " octets");
}

/// RFC 5232 section 3: variables by name only where there are any.
void Checker::flag_variable(Node& node) {
  const Argument& names = node.positional[0];
  if (names.strings.empty()) return;
  if (!enabled("variables", names.at, "a variable of flags")) return;
  for (const Text& name : names.strings) {
    if (name.variable || !is_identifier(name.value) || name.value.size() > limits_.variable_name)
      fail(name.at, "this is no name of a variable");
    else if (!node.rule->test)
      variable_name(name);
  }
}

void Checker::hasflag(Node& node) {
  compare(node);
  flag_variable(node);
}

/// Comparator and match type fit each other (RFC 5228 section 2.7.1).
void Checker::compare(Node& node) {
  const Comparator* comparator = find_comparator(kDefaultComparator);
  if (const Given* given = node.tag(Slot::comparator)) {
    const Text& name = given->value.strings[0];
    comparator = name.variable ? nullptr : find_comparator(name.value);
    if (comparator == nullptr) {
      unknown(name.at, "unknown comparator \"" + name.value.substr(0, 60) + "\"");
      return;
    }
    if (!enabled(comparator->extension, name.at, "this comparator")) return;
  }
  const Given* type = node.tag(Slot::match);
  if (type != nullptr && type->rule->value == Value::string) {
    const Text& relation = type->value.strings[0];
    if (relation.variable || !find_relation(relation.value))
      fail(relation.at, "the relation must be \"gt\", \"ge\", \"lt\", \"le\", \"eq\" or \"ne\"");
  } else if (type != nullptr && type->rule->name != "is" && !comparator->substring) {
    fail(type->at, "the comparator " + std::string(comparator->name) +
                       " cannot do ':" + std::string(type->rule->name) + "'");
  }
  place(node);
}

/// RFC 5260 section 6, RFC 5293 section 5.
void Checker::place(const Node& node) {
  if (const Given* index = node.tag(Slot::index); index && index->value.number == 0)
    fail(index->at, "':index' counts from 1");
  if (const Given* last = node.tag(Slot::last); last && node.tag(Slot::index) == nullptr)
    fail(last->at, "':last' needs ':index'");
}

void Checker::address(Node& node) {
  compare(node);
  for (const Text& name : node.positional[0].strings) {
    if (name.variable || is_address_header(name.value)) continue;
    // RFC 5228 section 2.4.2.2: what is no name of a field is no error; it matches none.
    if (!is_field_name(name.value)) continue;
    // RFC 5228 section 5.1: for header fields that hold addresses only.
    fail(name.at, "\"" + name.value.substr(0, 60) + "\" is no header field of addresses");
  }
}

void Checker::envelope(Node& node) {
  compare(node);
  for (const Text& part : node.positional[0].strings) {
    if (part.variable || mail::iequals(part.value, "from") || mail::iequals(part.value, "to"))
      continue;
    fail(part.at, "the parts of an envelope are \"from\" and \"to\"");
  }
}

void Checker::size(Node& node) {
  if (node.tag(Slot::size) == nullptr) fail(node.at, "'size' needs ':over' or ':under'");
}

void Checker::date_part(const Argument& argument) {
  const Text& part = argument.strings[0];
  if (!part.variable && !is_date_part(part.value))
    fail(part.at, "unknown part of a date: \"" + part.value.substr(0, 60) + "\"");
}

void Checker::zone(const Node& node) {
  const Given* given = node.tag(Slot::zone);
  if (given == nullptr || given->rule->value == Value::none) return;
  const Text& zone = given->value.strings[0];
  if (!zone.variable && !parse_zone(zone.value))
    fail(zone.at, "a time zone is \"+hhmm\" or \"-hhmm\"");
}

void Checker::date(Node& node) {
  compare(node);
  zone(node);
  date_part(node.positional[1]);
}

void Checker::currentdate(Node& node) {
  compare(node);
  zone(node);
  date_part(node.positional[0]);
}

/// RFC 5228 section 4.1: mailboxes have names in UTF-8.
void Checker::mailbox_names(const Argument& argument) {
  for (const Text& name : argument.strings) {
    if (!name.variable && !mail::is_valid_utf8(name.value))
      fail(name.at, "the name of a mailbox is UTF-8");
  }
}

void Checker::special_uses(const Argument& argument) {
  for (const Text& use : argument.strings) {
    if (!use.variable && !is_special_use(use.value))
      fail(use.at, "a special use is a flag such as \"\\\\Junk\"");
  }
}

void Checker::fileinto(Node& node) {
  mailbox_names(node.positional[0]);
  if (const Given* use = node.tag(Slot::special_use)) special_uses(use->value);
}

void Checker::specialuse_exists(Node& node) {
  special_uses(node.positional[1]);
}

/// RFC 5293 section 4: field-name of RFC 5322.
void Checker::field_name(const Argument& argument) {
  const Text& name = argument.strings[0];
  if (!name.variable && !is_field_name(name.value))
    fail(name.at, "\"" + name.value.substr(0, 60) + "\" is no name of a header field");
}

void Checker::addheader(Node& node) {
  field_name(node.positional[0]);
  const Text& value = node.positional[1].strings[0];
  if (!value.variable && !is_field_value(value.value))
    fail(value.at, "the value of a header field holds NUL or more than " +
                       std::to_string(kMaxFieldValue) + " octets");
}

void Checker::deleteheader(Node& node) {
  // RFC 5293 section 5: without patterns comparator and match type mean nothing.
  if (node.positional[1].strings.empty())
    place(node);
  else
    compare(node);
  field_name(node.positional[0]);
}

void Checker::ihave(Node& node) {
  for (const Text& name : node.positional[0].strings) {
    if (name.variable) fail(name.at, "'ihave' takes constant strings");
  }
}

}  // namespace mailscope::sieve
