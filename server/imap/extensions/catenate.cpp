// CATENATE (RFC 4469): a new message from pieces of old ones, without sending them up again.
//
//   C: a APPEND Sent CATENATE (URL "/Drafts;UIDVALIDITY=3857/;UID=20/;SECTION=HEADER" TEXT {42}
//   S: + Ready for literal data
//   C: ...)
//   S: a OK [APPENDUID 385759046 45] Appended
#include "server/imap/append_request.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/url_authority.hpp"
#include "server/imap/url_octets.hpp"

namespace mailscope::imap {
namespace {

Reply bad_url(const std::string& url) {
  // RFC 4469 section 4: the code names the URL; one that does not fit in a line is left out.
  const bool shown = url.size() <= 255 && fits_in_quotes(url) && url.find(']') == std::string::npos;
  return no("A URL leads to nothing here", shown ? "BADURL \"" + url + "\"" : "BADURL NIL");
}

// What a URL leads to: one of this session, or one that somebody has authorized (RFC 4467), which
// gives what its owner may read.
std::optional<UrlTarget> find_target(const Session& session, const std::string& text) {
  const auto url = parse_imap_url(text);
  if (!url || url->uid == 0 || !url->search.empty()) return std::nullopt;
  if (!url->mechanism.empty()) {
    const auto authorized =
        session.offers("URLAUTH") ? authorized_url(session, text) : std::nullopt;
    if (!authorized) return std::nullopt;
    return find_url_target(session, account_of_url(session, *authorized), *authorized);
  }
  if (!url->access.empty() || url->expire) return std::nullopt;
  if (url->has_server && !is_on_this_server(session, *url)) return std::nullopt;
  if (!url->user.empty() && account_of_url(session, *url) != session.account()) return std::nullopt;
  return find_url_target(session, *url);
}

// The octets that a URL means, appended to `out`.
bool append_url(Session& session, const std::string& text, std::string& out) {
  auto target = find_target(session, text);
  const auto octets = target ? target->octets() : std::nullopt;
  if (!octets) return false;
  out.append(*octets);
  return true;
}

}  // namespace

std::variant<std::string, Reply> catenated(Session& session,
                                           const std::vector<CatenatePart>& parts) {
  std::string out;
  for (const CatenatePart& part : parts) {
    if (!part.is_url)
      out.append(part.text);
    else if (!append_url(session, part.url, out))
      return bad_url(part.url);
    if (out.size() > session.options().append_limit)
      return no("The message would be too long", "TOOBIG");
  }
  return out;
}

}  // namespace mailscope::imap
