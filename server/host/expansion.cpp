#include "server/host/expansion.hpp"

#include <algorithm>

#include "server/host/mailing_list.hpp"
#include "server/host/verp.hpp"
#include "server/mail/mime.hpp"
#include "server/mail/text.hpp"

namespace mailscope::host {
namespace {

using Kind = Destination::Kind;
using Trouble = SenderRewriting::Trouble;

smtp::Reply unknown(const mail::Mailbox& mailbox) {
  return {550, {5, 1, 1}, "User unknown: there is no mailbox " + mailbox.to_string() + " here"};
}

/// For a rewritten path that we cannot undo (RFC 3463 section 3.2).
smtp::Reply not_ours(Trouble trouble) {
  return {550,
          {5, 1, 8},
          trouble == Trouble::expired ? "This rewritten address is too old"
                                      : "This rewritten address was not made here"};
}

/// Whether a report says that delivery has failed for good (RFC 3464 section 2.3.3).
bool reports_failure(std::string_view content) {
  const mail::Part report = mail::parse_message(content);
  for (const mail::Part& part : report.parts) {
    if (part.type != "message" || !part.subtype.ends_with("delivery-status")) continue;
    const std::string text = mail::lower(mail::decode_body(part, content));
    return text.find("action: failed") != std::string::npos ||
           text.find("action:failed") != std::string::npos;
  }
  return false;
}

/// The recipient under another address, its wishes kept (RFC 3461 section 5.2.7.2); what it was is
/// not forgotten (section 5.2.1).
smtp::Recipient instead(const smtp::Recipient& recipient, mail::Mailbox address) {
  smtp::Recipient out = recipient;
  if (out.orcpt.empty()) {
    const std::string before = recipient.mailbox.to_string();
    out.orcpt = (mail::all_ascii(before) ? "rfc822;" : "utf-8;") + before;
  }
  out.mailbox = std::move(address);
  return out;
}

void without_success(smtp::Recipient& recipient) {
  recipient.notify = recipient.notify.without_success();
}

}  // namespace

Expansion::Verdict Expansion::verdict(const mail::Mailbox& recipient,
                                      const mail::Mailbox& sender) const {
  const Organisation& organisation = environment_.organisation;
  const auto found = organisation.directory().resolve(recipient);
  if (found.empty()) {
    const auto path =
        organisation.sender_rewriting().reverse(recipient.local, environment_.clock.now());
    if (path.trouble == Trouble::not_srs) return {};
    if (path.trouble == Trouble::none) return {"srs", "a rewritten path of this domain", {}};
    return {"denied", "a rewritten path that cannot be undone", not_ours(path.trouble)};
  }
  switch (found.front().kind) {
    case Kind::list: {
      const MailingList& list = *found.front().list;
      if (list.members_only && !sender.null() && !is_member(list, sender)) {
        // RFC 3463 section 3.8: X.7.2, mailing list expansion prohibited.
        return {"denied", "only members may send to the list",
                smtp::Reply{550, {5, 7, 2}, "Only members may send to " + list.name}};
      }
      return {"list", "a mailing list of this domain", {}};
    }
    case Kind::list_bounce:
      return {"list", "reports about a member of a list", {}};
    case Kind::list_owner:
      return {"alias", "the owner of a list", {}};
    case Kind::mailbox:
    case Kind::forward:
      break;
  }
  return {"alias", "an address that stands for others", {}};
}

Expansion::Result Expansion::expand(const smtp::Envelope& envelope,
                                    const smtp::Recipient& recipient, const std::string& content,
                                    const std::vector<smtp::Recipient>& already) {
  const trace::CauseScope scope(environment_.sink, environment_.sink.cause());
  const auto found = environment_.organisation.directory().resolve(recipient.mailbox);
  if (found.empty()) return send_back(envelope, recipient, content);
  if (found.front().kind == Kind::list)
    return to_members(envelope, recipient, *found.front().list, content);
  if (found.front().kind == Kind::list_bounce) {
    note_bounce(envelope, recipient, found.front(), content);
    return {};
  }
  Result result;
  std::vector<smtp::Recipient> elsewhere;
  std::string to;
  for (const Destination& place : found) {
    const bool here = place.kind != Kind::forward;
    mail::Mailbox address = place.address;
    if (here) address = mail::Mailbox::parse(place.account, mail::Utf8::yes).value_or(address);
    (to += to.empty() ? "" : " ") += address.to_string();
    smtp::Recipient next = instead(recipient, std::move(address));
    if (!here) {
      elsewhere.push_back(std::move(next));
    } else if (std::ranges::none_of(already, [&](const smtp::Recipient& other) {
                 return other.mailbox == next.mailbox && other.mailbox != recipient.mailbox;
               })) {
      result.local.push_back({std::move(next), place.account});
    }
  }
  if (found.size() > 1) {
    // RFC 3461 section 5.2.7.3: the sender hears of the expansion, not of each success behind it.
    if (recipient.notify.has(smtp::Notify::success)) result.success = queue::DsnAction::expanded;
    for (Placed& each : result.local) without_success(each.recipient);
    for (smtp::Recipient& each : elsewhere) without_success(each);
  }
  tell(envelope, recipient, std::move(to), "alias");
  if (!elsewhere.empty()) forward(envelope, std::move(elsewhere), content);
  return result;
}

void Expansion::forward(const smtp::Envelope& envelope, std::vector<smtp::Recipient> recipients,
                        const std::string& content) {
  smtp::Envelope next = envelope;
  next.queue_id.clear();
  next.recipients = std::move(recipients);
  next.asked.hold_until.reset();
  next.reverse_path = environment_.organisation.sender_rewriting().forward(
      envelope.reverse_path, environment_.clock.now());
  environment_.submit(std::move(next), content);
}

/// A report that came back along a path that we had rewritten goes on to the first sender.
Expansion::Result Expansion::send_back(const smtp::Envelope& envelope,
                                       const smtp::Recipient& recipient,
                                       const std::string& content) {
  Result result;
  const auto path = environment_.organisation.sender_rewriting().reverse(recipient.mailbox.local,
                                                                         environment_.clock.now());
  if (path.trouble != Trouble::none) {
    result.refusal =
        path.trouble == Trouble::not_srs ? unknown(recipient.mailbox) : not_ours(path.trouble);
    return result;
  }
  tell(envelope, recipient, path.sender.to_string(), "rewritten path");
  forward(envelope, {instead(recipient, path.sender)}, content);
  return result;
}

Expansion::Result Expansion::to_members(const smtp::Envelope& envelope,
                                        const smtp::Recipient& recipient, const MailingList& list,
                                        const std::string& content) {
  Result result;
  const Organisation& organisation = environment_.organisation;
  if (const auto why = not_for_list(list, organisation.domain(), envelope.reverse_path, content)) {
    // RFC 3463 section 3.5: X.4.6, routing loop detected. A report is dropped where it is refused.
    result.refusal = smtp::Reply{554, {5, 4, 6}, "Not for the list " + list.name + ": " + *why};
    return result;
  }
  std::vector<mail::Mailbox> members;
  std::string to;
  for (const mail::Mailbox& member : list.members) {
    if (organisation.suspended(list, member, environment_.clock.now())) continue;
    members.push_back(member);
    (to += to.empty() ? "" : " ") += member.to_string();
  }
  tell(envelope, recipient, std::move(to), "list");
  const std::string copy = list_copy(list, organisation.domain(), content);
  for (const mail::Mailbox& member : members) {
    smtp::Envelope next = envelope;
    next.queue_id.clear();
    next.account.clear();
    next.recipients = {smtp::Recipient(member)};
    // What the sender asked for was for the list, which is the sender from here on (RFC 3461
    // section 5.2.7.1); what the content is stays, and its priority (RFC 6710 section 4.4).
    next.asked = {};
    next.asked.body = envelope.asked.body;
    next.asked.smtputf8 = envelope.asked.smtputf8;
    next.asked.priority = envelope.asked.priority;
    next.reverse_path = {verp_local(list.name, member), organisation.domain()};
    environment_.submit(std::move(next), copy);
  }
  if (recipient.notify.has(smtp::Notify::success)) result.success = queue::DsnAction::delivered;
  return result;
}

void Expansion::note_bounce(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                            const Destination& about, const std::string& content) {
  const std::string member = about.address.to_string();
  if (!envelope.reverse_path.null() || !reports_failure(content)) {
    return tell(envelope, recipient, member, "no report of a failure");
  }
  Organisation& organisation = environment_.organisation;
  const net::Time now = environment_.clock.now();
  const std::uint32_t count = organisation.note_bounce(*about.list, about.address, now);
  tell(envelope, recipient, member,
       "report of failure " + std::to_string(count) +
           (organisation.suspended(*about.list, about.address, now) ? ", the member gets no more"
                                                                    : ""));
}

void Expansion::tell(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                     std::string to, std::string_view how) {
  const trace::Tracer tracer(environment_.sink, {environment_.self, 0, 0, envelope.message});
  environment_.sink.set_cause(tracer.record(
      trace::Kind::mail_expanded, {envelope.queue_id, recipient.mailbox.to_string(), to, how}));
}

}  // namespace mailscope::host
