// From URLs to octets.
#include "server/imap/url_octets.hpp"

#include "server/imap/access.hpp"

namespace mailscope::imap {
namespace {

bool parse_url_section(const std::string& text, Section& out) {
  if (text.empty()) return true;
  // The grammar of sections ends at a bracket.
  const std::string closed = text + ']';
  Cursor cursor(closed);
  std::string label;
  return parse_section(cursor, out, label) && cursor.character(']') && cursor.at_end();
}

std::optional<UrlTarget> find_target(const store::MailStore& store, const Access& access,
                                     const std::string& mailbox, const ImapUrl& url) {
  const auto info = access.find(mailbox);
  if (!info || !access.rights(info->id).has(Right::read)) return std::nullopt;
  if (url.uid_validity != 0 && url.uid_validity != info->uid_validity) return std::nullopt;
  auto body = store.body(info->id, url.uid);
  if (!body) return std::nullopt;
  UrlTarget target{MessageView(std::move(body)), {}, url.partial};
  if (!parse_url_section(url.section, target.section)) return std::nullopt;
  return target;
}

}  // namespace

std::optional<std::string> UrlTarget::octets() {
  std::string scratch;
  const auto found = section_octets(message, section, scratch);
  if (!found) return std::nullopt;
  return std::string(cut(*found));
}

std::string_view UrlTarget::cut(std::string_view octets) const {
  if (!partial) return octets;
  return partial_octets(octets, {partial->offset, partial->length.value_or(UINT32_MAX)});
}

std::optional<UrlTarget> find_url_target(const Session& session, const std::string& account,
                                         const ImapUrl& url) {
  return find_target(session.store(), Access(session.store(), account), url.mailbox, url);
}

std::optional<UrlTarget> find_url_target(const Session& session, const ImapUrl& url) {
  return find_target(session.store(), session.access(),
                     url.mailbox.empty() ? session.mailbox_name() : url.mailbox, url);
}

}  // namespace mailscope::imap
