// CATENATE (RFC 4469): a new message from pieces of old ones, without sending them up again.
//
//   C: a APPEND Sent CATENATE (URL "/Drafts;UIDVALIDITY=385759045/;UID=20/;SECTION=HEADER" TEXT
//   {42} S: + Ready for literal data C: ...) S: a OK [APPENDUID 385759046 45] Appended
#include "server/imap/append_request.hpp"
#include "server/imap/imap_url.hpp"
#include "server/imap/unicode.hpp"
#include "server/imap/url_octets.hpp"

namespace mailscope::imap {
namespace {

Reply bad_url(const std::string& url) {
  // RFC 4469 section 4: the code names the URL; one that does not fit in a line is left out.
  const bool shown = url.size() <= 255 && fits_in_quotes(url) && url.find(']') == std::string::npos;
  return no("A URL leads to nothing here", shown ? "BADURL \"" + url + "\"" : "BADURL NIL");
}

// The octets that a URL means, appended to `out`.
bool append_url(Session& session, const std::string& text, std::string& out) {
  const auto url = parse_imap_url(text);
  // RFC 4469 section 3: only what the URL's own right gives; URLAUTH is for others.
  if (!url || url->uid == 0 || !url->access.empty() || url->expire || !url->search.empty())
    return false;
  if (url->has_server && !equal_ci(url->host, session.options().hostname)) return false;
  if (!url->user.empty() && !equal_ci(url->user, session.account()) &&
      !equal_ci(url->user, session.account().substr(0, session.account().find('@'))))
    return false;
  const auto octets = url_octets(session, *url);
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
