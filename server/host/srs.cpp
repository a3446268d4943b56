#include "server/host/srs.hpp"

#include <array>
#include <chrono>

#include "server/auth/crypto.hpp"
#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"

namespace mailscope::host {
namespace {

constexpr std::size_t kHashLetters = 4;  // 24 bits: a guess costs a message
constexpr unsigned kValidDays = 21;      // longer than any queue waits
constexpr unsigned kDays = 1'024;        // the date is two digits of base 32
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

unsigned day_of(net::Time now) {
  const auto days = std::chrono::duration_cast<std::chrono::days>(now.time_since_epoch()).count();
  return static_cast<unsigned>(((days % kDays) + kDays) % kDays);
}

std::string date_text(unsigned day) {
  return {kBase32[day / 32], kBase32[day % 32]};
}

std::optional<unsigned> read_date(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  unsigned day = 0;
  for (const char c : text) {
    const char upper = mail::is_alpha(c) ? static_cast<char>(c & ~0x20) : c;
    const std::size_t digit = kBase32.find(upper);
    if (digit == std::string_view::npos) return std::nullopt;
    day = day * 32 + static_cast<unsigned>(digit);
  }
  return day;
}

/// Takes what stands before the next '=' off `text`.
std::optional<std::string_view> take_part(std::string_view& text) {
  const std::size_t end = text.find('=');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end + 1);
  return part;
}

/// "SRS0" or "SRS1" and one of the separators that are in use.
bool has_tag(std::string_view local, char digit) {
  return local.size() > 5 && mail::iequals(local.substr(0, 3), "SRS") && local[3] == digit &&
         std::string_view("=+-").find(local[4]) != std::string_view::npos;
}

}  // namespace

std::string SenderRewriting::hash(std::string_view text) const {
  const std::string octets = auth::hmac(auth::Hash::sha1, key_, mail::lower(text));
  return mail::base64_encode(octets).substr(0, kHashLetters);
}

mail::Mailbox SenderRewriting::forward(const mail::Mailbox& sender, net::Time now) const {
  if (sender.null() || sender.domain == domain_) return sender;
  std::string local;
  if (has_tag(sender.local, '0')) {
    // Forwarded once already: name the host that can undo it, and keep its part as it is.
    const std::string rest = sender.domain + "=" + sender.local.substr(4);
    local = "SRS1=" + hash(rest) + "=" + rest;
  } else if (has_tag(sender.local, '1')) {
    // Only the first and the last forwarder are named: a report needs no more stops.
    std::string_view rest = std::string_view(sender.local).substr(5);
    if (!take_part(rest)) return sender;  // the hash of the forwarder before us
    local = "SRS1=" + hash(rest) + "=" + std::string(rest);
  } else {
    const std::string rest = date_text(day_of(now)) + "=" + sender.domain + "=" + sender.local;
    local = "SRS0=" + hash(rest) + "=" + rest;
  }
  if (local.size() > mail::kMaxLocalPart) return sender;
  return {std::move(local), domain_};
}

SenderRewriting::Reversed SenderRewriting::reverse(std::string_view local, net::Time now) const {
  const bool first = has_tag(local, '0');
  if (!first && !has_tag(local, '1')) return {Trouble::not_srs, {}};
  std::string_view rest = local.substr(5);
  const auto claimed = take_part(rest);
  if (!claimed) return {Trouble::not_srs, {}};
  // On the way some hosts change the case of local parts: the hash is compared without it.
  if (!mail::iequals(*claimed, hash(rest))) return {Trouble::forged, {}};
  if (!first) {
    const auto domain = take_part(rest);
    if (!domain || rest.empty()) return {Trouble::not_srs, {}};
    return {Trouble::none, {"SRS0" + std::string(rest), mail::lower(*domain)}};
  }
  const auto date = take_part(rest);
  const auto domain = take_part(rest);
  const auto day = date ? read_date(*date) : std::nullopt;
  if (!day || !domain || rest.empty()) return {Trouble::not_srs, {}};
  const unsigned age = (day_of(now) + kDays - *day) % kDays;
  if (age > kValidDays) return {Trouble::expired, {}};
  return {Trouble::none, {std::string(rest), mail::lower(*domain)}};
}

}  // namespace mailscope::host
