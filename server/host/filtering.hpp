// Final delivery through the filter script of its recipient (RFC 5228): runs the account's active
// script and carries out what it decides.
//
//   message -> decide() -> keep, fileinto   a copy in a mailbox, with flags
//                          redirect         into the queue, under the return path it came with
//                          reject           a disposition notification to its sender (RFC 8098)
//                          ereject          refused: in the SMTP dialogue, else by a DSN
//                          vacation         an automatic answer (RFC 3834)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "server/host/local_delivery.hpp"
#include "server/sieve/interpreter.hpp"
#include "server/smtp/reply.hpp"

namespace mailscope::host {

/// Hosts of users that a message was redirected by before; more are taken for a loop. Each may
/// make four of it, so that this bounds what one message becomes.
inline constexpr std::size_t kMaxRedirections = 4;

/// What came of the delivery to one account.
struct Delivered {
  store::Uid uid = 0;                  // of the first copy; 0: there is none
  std::string mailbox;                 // that has it
  std::optional<smtp::Reply> refusal;  // it was not taken: its sender must be told
  std::string reason;                  // of the script that refused it, as it gave it
};

class Filtering {
 public:
  /// Everything outlives the filtering.
  struct Environment {
    Organisation& organisation;
    const net::Timers& clock;
    trace::Sink& sink;
    trace::HostId self = 0;
    std::string hostname;
    LocalDelivery& delivery;
    std::function<std::string()> new_queue_id;
    /// Takes responsibility for a message of this host's making.
    std::function<void(smtp::Envelope envelope, std::string content)> submit;
  };
  explicit Filtering(Environment environment) : environment_(std::move(environment)) {}

  /// What an account's script would answer in the SMTP dialogue instead of taking the message
  /// (RFC 5429 section 2.1.1); nullopt: it is taken. What the script decided is kept, so that it
  /// does not run again for deliver().
  std::optional<smtp::Reply> refusal(const smtp::Envelope& envelope,
                                     const smtp::Recipient& recipient, std::string_view account,
                                     std::string_view content);
  /// What else the script decided about a message that is refused for all.
  void refused(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
               std::string_view account, std::string_view content);
  /// Final delivery for one account.
  Delivered deliver(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                    std::string_view account, std::string_view content);
  /// Another address of an account that was served already.
  void deliver_again(const smtp::Envelope& envelope, const smtp::Recipient& recipient,
                     const Delivered& served);
  /// The message that refusal() was asked about is delivered or refused.
  void settled() { asked_.clear(); }

 private:
  /// A message on its way to an account.
  struct Delivery {
    const smtp::Envelope& envelope;
    const smtp::Recipient& recipient;
    std::string_view account;
    std::string_view content;
  };
  struct Compiled {
    std::string text;
    sieve::Compiled result;
  };
  struct Decision {
    std::string script;                     // its name
    std::optional<sieve::Outcome> outcome;  // nullopt: the account has no active script
  };
  Decision decide(const Delivery& delivery);
  /// What was decided when refusal() asked, else what is decided now.
  Decision decided(const Delivery& delivery);
  const sieve::Compiled& compiled(std::string_view account, std::string text);
  trace::EventId record(const Delivery& delivery, const std::string& script,
                        const sieve::Outcome& outcome);
  void failed(const Delivery& delivery, std::string_view script, std::string_view problem);
  bool file(const Delivery& delivery, const std::string& script, const sieve::Action& action,
            std::set<std::string>& served, Delivered& out);
  std::string target(const Delivery& delivery, const std::string& script,
                     const sieve::Action& action);
  void carry_out(const Delivery& delivery, const sieve::Action& action);
  void redirect(const Delivery& delivery, const sieve::Action& action);
  void reject(const Delivery& delivery, const sieve::Action& action);
  void answer(const Delivery& delivery, const sieve::Action& action);
  void notify(const Delivery& delivery, const sieve::Outcome& outcome);
  void notify(const Delivery& delivery, const sieve::Action& action);

  Environment environment_;
  std::map<std::string, Compiled, std::less<>> scripts_;  // by account, as they last ran
  std::map<std::string, Decision, std::less<>> asked_;    // by message, recipient and account
};

}  // namespace mailscope::host
