// Messages of an SMTP client: MAIL, RCPT, DATA with and without PIPELINING, the content, and what
// each reply means for each recipient (RFC 5321 section 3.3, RFC 2920).
#include <algorithm>
#include <chrono>

#include "server/mail/idna.hpp"
#include "server/mail/recode.hpp"
#include "server/smtp/client.hpp"
#include "server/smtp/priority_field.hpp"
#include "server/smtp/xtext.hpp"

namespace mailscope::smtp {
namespace {

Fate fate_of(const Reply& reply) {
  if (reply.code / 100 == 2) return Fate::delivered;
  // RFC 5321 section 4.2.1: 5yz is never to be repeated as it is; what makes no sense here (1yz,
  // 3yz) is trouble of this server, and another day may be better.
  return reply.permanent() ? Fate::failed : Fate::deferred;
}

/// The server has enough recipients for this transaction: RFC 5321 section 4.5.3.1.10 wants the
/// rest in another one, and 552 read as 452.
bool too_many_recipients(const Reply& reply) {
  if (reply.code == 452) return !reply.status.present() || reply.status == EnhancedStatus{4, 5, 3};
  return reply.code == 552 && (!reply.status.present() || reply.status == EnhancedStatus{5, 5, 3});
}

}  // namespace

void ClientEngine::decide(std::size_t recipient, Fate fate, const Reply& reply, ClientState at) {
  RecipientResult& result = results_[transaction_][recipient];
  result.fate = fate;
  result.reply = reply;
  result.at = at;
}

void ClientEngine::decide_all(const std::vector<std::size_t>& which, const Reply& reply,
                              ClientState at) {
  for (const std::size_t recipient : which) decide(recipient, fate_of(reply), reply, at);
}

/// Begins the next round: recipients of the transaction at hand that are still open, or the next
/// transaction, or QUIT.
void ClientEngine::next_transaction() {
  for (; transaction_ < transactions_.size(); ++transaction_) {
    gather_batch();
    if (batch_.empty()) continue;
    recode_content();
    tunnel_priority();
    if (!refuse_unfit()) return begin_transaction();
  }
  finish_if_decided();
}

/// The recipients of the next round: no more, and of no more domains, than the server takes in one
/// transaction (RFC 9422 section 4).
void ClientEngine::gather_batch() {
  batch_.clear();
  const std::size_t most = extensions_.rcpt_max == 0
                               ? options_.recipients
                               : std::min<std::size_t>(options_.recipients, extensions_.rcpt_max);
  std::vector<std::string_view> domains;
  const auto& results = results_[transaction_];
  for (std::size_t i = 0; i < results.size() && batch_.size() < most; ++i) {
    if (results[i].fate != Fate::pending) continue;
    if (batch_.empty()) apart_ = goes_apart(i);
    if (goes_apart(i) != apart_) continue;
    const std::string_view domain = results[i].recipient.domain;
    if (extensions_.rcpt_domain_max != 0 && std::ranges::find(domains, domain) == domains.end()) {
      if (domains.size() == extensions_.rcpt_domain_max) continue;
      domains.push_back(domain);
    }
    batch_.push_back(i);
  }
}

/// RFC 3461 section 5.2.2: a server without DSN would tell the sender about a recipient of
/// NOTIFY=NEVER. It has nobody to tell in a transaction with the null reverse-path.
bool ClientEngine::goes_apart(std::size_t recipient) const {
  const Transaction& transaction = transactions_[transaction_];
  return !extensions_.dsn && !transaction.reverse_path.null() &&
         transaction.recipients[recipient].notify.has(Notify::never);
}

/// RFC 6758 section 3.3: to a server without MT-PRIORITY the priority goes in the header, and none
/// goes there but that of this host.
void ClientEngine::tunnel_priority() {
  Transaction& transaction = transactions_[transaction_];
  if (extensions_.mt_priority) return;
  const std::optional<int> priority = transaction.asked.priority;
  if (!priority && !has_priority_field(*transaction.content)) return;
  transaction.content = std::make_shared<const std::string>(
      with_priority_field(*transaction.content, priority.value_or(0)));
}

/// RFC 6152 section 3, RFC 3030 section 3: octets that this server does not take are encoded anew.
/// What cannot be (a header that is not ASCII) is returned.
void ClientEngine::recode_content() {
  Transaction& transaction = transactions_[transaction_];
  const bool too_binary =
      transaction.needs_binarymime && !(extensions_.chunking && extensions_.binary);
  const bool too_wide = transaction.needs_8bitmime && !extensions_.eight_bit;
  if (!too_binary && !too_wide) return;
  auto recoded =
      mail::recode(*transaction.content,
                   extensions_.eight_bit ? mail::Carries::eight_bit : mail::Carries::seven_bit);
  if (!recoded) return;
  transaction.needs_binarymime = false;
  transaction.needs_8bitmime = has_eight_bit(*recoded);
  transaction.content = std::make_shared<const std::string>(*std::move(recoded));
}

/// Why this server cannot take the message, or nothing.
std::optional<RecipientResult> ClientEngine::unfit(const Transaction& transaction) const {
  RecipientResult result;
  result.fate = Fate::failed;
  result.at = ClientState::mail;
  const auto because = [&](EnhancedStatus status, std::string words) {
    result.reply = {0, status, std::move(words)};
    return result;
  };
  const MailParameters& asked = transaction.asked;
  if (asked.require_tls && !(tls_ && tls_->verified && extensions_.require_tls)) {
    // RFC 8689 section 4.2.1: only over verified TLS, to servers that will keep it so. Another
    // server of the domain may.
    result.at = ClientState::ehlo;
    return because({5, 7, 30}, "The message requires TLS all the way (REQUIRETLS)");
  }
  if (extensions_.max_size != 0 && transaction.content->size() > extensions_.max_size) {
    // RFC 1870 section 6.2: the client may notice by itself.
    return because({5, 3, 4}, "The message has " + std::to_string(transaction.content->size()) +
                                  " octets and the server takes " +
                                  std::to_string(extensions_.max_size));
  }
  if (!extensions_.smtputf8) {
    // RFC 6531 section 3.1: who does not have SMTPUTF8 gets no address that needs it.
    const auto wide = [](const mail::Mailbox& mailbox) {
      return has_eight_bit(mailbox.local) || !mail::ascii_domain(mailbox.domain);
    };
    const bool to_wide = std::ranges::any_of(
        transaction.recipients, [&](const Recipient& each) { return wide(each.mailbox); });
    if (to_wide || wide(transaction.reverse_path)) {
      return because({5, 6, 7}, "An address is in UTF-8 and the server does not offer SMTPUTF8");
    }
    if (asked.smtputf8 && transaction.utf8_header) {
      return because({5, 6, 9}, "The header is in UTF-8 and the server does not offer SMTPUTF8");
    }
  }
  if (transaction.needs_binarymime && !(extensions_.chunking && extensions_.binary)) {
    // RFC 3030 section 3: convert it or return it.
    return because({5, 6, 3}, "The message is binary and the server does not offer BINARYMIME");
  }
  if (transaction.needs_8bitmime && !extensions_.eight_bit) {
    // RFC 6152 section 3: convert it or return it; never send it as it is.
    return because({5, 6, 3},
                   "The message has 8-bit content and the server does not offer 8BITMIME");
  }
  if (asked.by && asked.by->give_up) {
    // RFC 2852 section 4.1.4.1: what must be returned when late goes only to those who will return
    // it; section 7: without a search for one among the other servers of the domain.
    if (!extensions_.deliver_by) {
      return because({5, 3, 3}, "The message has a deadline and the server lacks DELIVERBY");
    }
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(asked.by->deadline - now_);
    if (left.count() <= 0 || static_cast<std::uint64_t>(left.count()) < extensions_.min_by) {
      // RFC 2852 section 6: another server of the domain may be faster.
      result.at = ClientState::ehlo;
      return because({5, 4, 7}, "The time that is left is too short for this server");
    }
  }
  return std::nullopt;
}

/// Decides a message that this server cannot take without troubling it.
bool ClientEngine::refuse_unfit() {
  const auto result = unfit(transactions_[transaction_]);
  if (!result) return false;
  for (std::size_t i = 0; i < results_[transaction_].size(); ++i) {
    if (results_[transaction_][i].fate == Fate::pending) {
      decide(i, Fate::failed, result->reply, result->at);
    }
  }
  return true;
}

/// An address as this server can read it.
std::string ClientEngine::address(const mail::Mailbox& mailbox) const {
  if (extensions_.smtputf8 || !has_eight_bit(mailbox.domain)) return mailbox.to_string();
  return mail::Mailbox{mailbox.local, *mail::ascii_domain(mailbox.domain)}.to_string();
}

std::string ClientEngine::mail_line(const Transaction& transaction) const {
  const MailParameters& asked = transaction.asked;
  std::string line = "MAIL FROM:<" + (apart_ ? "" : address(transaction.reverse_path)) + ">";
  const auto add = [&](std::string_view parameter) { line.append(" ").append(parameter); };
  if (extensions_.size) add("SIZE=" + std::to_string(transaction.content->size()));
  if (transaction.needs_binarymime) {
    add("BODY=BINARYMIME");
  } else if (transaction.needs_8bitmime) {
    add("BODY=8BITMIME");
  }
  if (asked.smtputf8 && extensions_.smtputf8) add("SMTPUTF8");
  if (extensions_.dsn) {
    // RFC 3461 section 5.2: passed on as they came.
    if (asked.ret != Return::unsaid) add("RET=" + std::string(to_string(asked.ret)));
    if (!asked.envid.empty()) add("ENVID=" + encode_xtext(asked.envid));
  }
  if (asked.by && extensions_.deliver_by) {
    // RFC 2852 section 4.1.4: what is left of the time; nine digits at most.
    constexpr std::int64_t kMost = 999'999'999;
    const auto left = std::chrono::floor<std::chrono::seconds>(asked.by->deadline - now_).count();
    add("BY=" + std::to_string(std::clamp(left, -kMost, kMost)) + ";" +
        (asked.by->give_up ? "R" : "N") + (asked.by->trace ? "T" : ""));
  }
  if (asked.priority && extensions_.mt_priority) {
    add("MT-PRIORITY=" + std::to_string(*asked.priority));
  }
  if (asked.require_tls) add("REQUIRETLS");
  // RFC 4954 section 5: who submitted the message, to whom AUTH means something; that it is not
  // known, to whom this host is logged in.
  const bool known = !asked.auth.empty() && asked.auth != "<>";
  if (known && !extensions_.mechanisms.empty()) add("AUTH=" + encode_xtext(asked.auth));
  if (asked.auth == "<>" && authenticated_) add("AUTH=<>");
  return line;
}

void ClientEngine::begin_transaction() {
  const Transaction& transaction = transactions_[transaction_];
  accepted_.clear();
  asked_ = 0;
  mail_refused_ = dot_only_ = dangling_ = false;
  content_at_ = 0;
  pipelined_ = options_.pipelining && extensions_.pipelining;
  chunked_ = extensions_.chunking && (options_.chunking || transaction.needs_binarymime);
  say(mail_line(transaction), ClientState::mail);
  if (!pipelined_) return;
  // A RCPT line has some 40 octets; growing the string in small steps would cost more than the
  // rest.
  out_.bytes.reserve(out_.bytes.size() + 48 * (batch_.size() + 1));
  // RFC 2920 section 3.1: MAIL, RCPT and DATA may go out together, DATA last. A chunk waits for the
  // recipients: sent in vain it would be read away whole.
  while (asked_ < batch_.size()) say_rcpt(batch_[asked_++]);
  if (!chunked_) say("DATA", ClientState::data);
}

/// RFC 3030 section 2: the whole content as one chunk.
void ClientEngine::begin_chunk() {
  out_.bytes += "BDAT " + std::to_string(transactions_[transaction_].content->size()) + " LAST\r\n";
  awaiting_.push_back({ClientState::end_of_data, 0});
  wait_for(ClientState::content);
  produce();
}

void ClientEngine::say_rcpt(std::size_t recipient) {
  const Recipient& asked = transactions_[transaction_].recipients[recipient];
  const MailParameters& message = transactions_[transaction_].asked;
  std::string line = "RCPT TO:<" + address(asked.mailbox) + ">";
  if (extensions_.dsn) {
    NotifySet notify = asked.notify;
    if (message.by && !message.by->give_up && !extensions_.deliver_by &&
        now_ < message.by->deadline && !notify.has(Notify::never)) {
      // RFC 2852 section 4.1.4.2: a server that does not know the deadline shall tell of delays.
      if (!notify.said()) notify.add(Notify::failure);
      notify.add(Notify::delay);
    }
    if (notify.said()) line += " NOTIFY=" + notify.to_string();
    const bool unicode = message.smtputf8 && extensions_.smtputf8;
    if (!asked.orcpt.empty()) line += " ORCPT=" + encode_orcpt(asked.orcpt, unicode);
  }
  say(line, ClientState::rcpt, recipient);
}

void ClientEngine::mail_reply(const Reply& reply) {
  mail_refused_ = reply.code / 100 != 2;
  if (mail_refused_) {
    decide_all(batch_, reply, ClientState::mail);
    if (!pipelined_) finish_transaction(false);
  } else if (!pipelined_) {
    say_rcpt(batch_[asked_++]);
  }
}

void ClientEngine::rcpt_reply(std::size_t recipient, const Reply& reply) {
  if (!mail_refused_) {
    if (reply.code / 100 == 2) {
      accepted_.push_back(recipient);
    } else if (!too_many_recipients(reply)) {
      decide(recipient, fate_of(reply), reply, ClientState::rcpt);
    } else if (accepted_.empty()) {
      // Not even one: this is no matter of sending fewer at a time.
      decide(recipient, Fate::deferred, reply, ClientState::rcpt);
    }
  }
  if (pipelined_ && (!chunked_ || !awaiting_.empty())) return;
  if (asked_ < batch_.size()) {
    say_rcpt(batch_[asked_++]);
  } else if (accepted_.empty()) {
    finish_transaction(!mail_refused_);
  } else if (chunked_) {
    begin_chunk();
  } else {
    say("DATA", ClientState::data);
  }
}

void ClientEngine::data_reply(const Reply& reply) {
  if (reply.code != 354) {
    // Whatever it says, no content was handed over: a 2yz here delivers nothing.
    for (const std::size_t recipient : accepted_) {
      decide(recipient, reply.permanent() ? Fate::failed : Fate::deferred, reply,
             ClientState::data);
    }
    return finish_transaction(!mail_refused_);
  }
  awaiting_.push_back({ClientState::end_of_data, 0});
  if (accepted_.empty()) {
    // RFC 2920 section 3.1: DATA was taken though no recipient was; end it at once, empty.
    dot_only_ = true;
    out_.bytes += ".\r\n";
    return wait_for(ClientState::end_of_data);
  }
  wait_for(ClientState::content);
  produce();
}

/// The next chunk of the content with dots stuffed (RFC 5321 section 4.5.2), and its end behind the
/// last one.
void ClientEngine::produce() {
  const std::string_view content = *transactions_[transaction_].content;
  const std::size_t stop = content_at_ + std::min(options_.chunk, content.size() - content_at_);
  out_.bytes.reserve(out_.bytes.size() + (stop - content_at_) + 16);
  if (chunked_) {
    out_.bytes.append(content, content_at_, stop - content_at_);
    content_at_ = stop;
    if (content_at_ == content.size()) wait_for(ClientState::end_of_data);
    return;
  }
  while (content_at_ < stop) {
    const bool line_start = content_at_ == 0 || content[content_at_ - 1] == '\n';
    if (line_start && content[content_at_] == '.') out_.bytes += '.';
    const std::size_t next = content.substr(0, stop).find("\n.", content_at_);
    const std::size_t end = next == std::string_view::npos ? stop : next + 1;
    out_.bytes.append(content, content_at_, end - content_at_);
    content_at_ = end;
  }
  if (content_at_ < content.size()) return;
  // RFC 5321 section 4.1.1.4: the CRLF before the dot is the last line's own.
  if (!content.empty() && !content.ends_with("\r\n")) out_.bytes += "\r\n";
  out_.bytes += ".\r\n";
  wait_for(ClientState::end_of_data);
}

void ClientEngine::drained(net::Time now) {
  now_ = now;
  if (state_ != ClientState::content) return;
  wait_for(ClientState::content);
  produce();
}

std::size_t ClientEngine::unsent_content() const {
  if (state_ != ClientState::content) return 0;
  return transactions_[transaction_].content->size() - content_at_;
}

void ClientEngine::content_reply(const Reply& reply) {
  // RFC 5321 section 4.1.1.4: 250 is the moment when responsibility passes on, not earlier.
  if (!dot_only_) decide_all(accepted_, reply, ClientState::end_of_data);
  for (const std::size_t recipient : accepted_) {
    RecipientResult& result = results_[transaction_][recipient];
    result.dsn_passed_on = extensions_.dsn;
    result.by_passed_on = extensions_.deliver_by;
  }
  finish_transaction(false);
}

/// `open_at_server`: the server still has a transaction that RSET must end before the next one.
void ClientEngine::finish_transaction(bool open_at_server) {
  const auto& results = results_[transaction_];
  const bool more =
      transaction_ + 1 < transactions_.size() ||
      std::ranges::any_of(results, [](const auto& r) { return r.fate == Fate::pending; });
  if (more && open_at_server) return say("RSET", ClientState::rset);
  dangling_ = open_at_server;
  next_transaction();
}

}  // namespace mailscope::smtp
