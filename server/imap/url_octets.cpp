// From URLs to octets.
#include "server/imap/url_octets.hpp"

#include "server/imap/access.hpp"
#include "server/imap/message_view.hpp"

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

std::optional<std::string> octets_of(const store::MailStore& store, const Access& access,
                                     const std::string& mailbox, const ImapUrl& url) {
  const auto info = access.find(mailbox);
  if (!info || !access.rights(info->id).has(Right::read)) return std::nullopt;
  if (url.uid_validity != 0 && url.uid_validity != info->uid_validity) return std::nullopt;
  auto body = store.body(info->id, url.uid);
  if (!body) return std::nullopt;
  Section section;
  if (!parse_url_section(url.section, section)) return std::nullopt;
  MessageView message(std::move(body));
  std::string scratch;
  auto octets = section_octets(message, section, scratch);
  if (!octets) return std::nullopt;
  if (url.partial)
    octets =
        partial_octets(*octets, {url.partial->offset, url.partial->length.value_or(UINT32_MAX)});
  return std::string(*octets);
}

}  // namespace

std::optional<std::string> url_octets(const Session& session, const std::string& account,
                                      const ImapUrl& url) {
  return octets_of(session.store(), Access(session.store(), account), url.mailbox, url);
}

std::optional<std::string> url_octets(Session& session, const ImapUrl& url) {
  return octets_of(session.store(), session.access(),
                   url.mailbox.empty() ? session.mailbox_name() : url.mailbox, url);
}

}  // namespace mailscope::imap
