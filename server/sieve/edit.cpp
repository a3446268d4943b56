// Changes of the header (RFC 5293).
#include <algorithm>
#include <array>

#include "server/mail/builder.hpp"
#include "server/mail/text.hpp"
#include "server/sieve/interpreter.hpp"

namespace mailscope::sieve {
namespace {

/// RFC 5293 section 6 names the first two; by the third loops of redirects are noticed.
constexpr auto kKept =
    std::to_array<std::string_view>({"Received", "Auto-Submitted", "X-Sieve-Redirected-From"});

/// Lines of a value put together: a line end with what white space stands around it is one space.
std::string one_line(std::string_view value) {
  std::string out;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find_first_of("\r\n", at), value.size());
    const std::string_view line = mail::trim(value.substr(at, end - at));
    if (!line.empty()) out += (out.empty() ? "" : " ") + std::string(line);
    at = end + 1;
  }
  return out;
}

}  // namespace

void Interpreter::addheader(const Node& node) {
  const std::string name = text(node.positional[0]), value = text(node.positional[1]);
  if (!is_field_name(name))
    return fail(node.at, "\"" + name.substr(0, 60) + "\" is no name of a header field");
  if (!is_field_value(value)) return fail(node.at, "this may not be the value of a header field");
  if (!spend(message_.header_size() + value.size())) return;
  message_.add_field(mail::header_field(name, one_line(value)), node.tag(Slot::last) != nullptr);
}

void Interpreter::deleteheader(const Node& node) {
  const std::string name = text(node.positional[0]);
  if (!is_field_name(name))
    return fail(node.at, "\"" + name.substr(0, 60) + "\" is no name of a header field");
  // What is not permitted is ignored in silence.
  if (std::ranges::any_of(kKept, [&](auto each) { return mail::iequals(each, name); })) return;
  const Argument& patterns = node.positional[1];
  std::vector<const mail::Field*> gone = fields(node, node.positional[0]);
  std::erase_if(gone, [&](const mail::Field* field) {
    return !patterns.strings.empty() && !match(node, {field_text(*field)}, patterns, false);
  });
  if (!gone.empty() && spend(message_.header_size())) message_.remove_fields(gone);
}

}  // namespace mailscope::sieve
