// What each reply means, and what is said next.
#include <charconv>

#include "server/mail/encoding.hpp"
#include "server/mail/text.hpp"
#include "server/pop3/client.hpp"

namespace mailscope::pop3 {
namespace {

constexpr std::size_t kMaxCommandLine = 253;  // octets without CRLF (RFC 2449 section 4)
constexpr std::size_t kMaxUniqueId = 70;      // characters (RFC 1939 section 7)

/// The next word of `text`, taken off it.
std::string_view take_word(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

template <typename Number>
std::optional<Number> take_number(std::string_view& text) {
  const std::string_view word = take_word(text);
  Number value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

bool is_unique_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxUniqueId &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

/// Could be sent in one line, as one name or password.
bool fits_line(std::string_view text) {
  return !text.empty() && text.size() <= kMaxCommandLine - 5 &&
         text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

}  // namespace

void ClientEngine::replied(bool ok, std::string_view line) {
  switch (state_) {
    case ClientState::greeting:
      if (!ok) return fail(ClientError::temporary, line, net::Wish::finish);
      return say(ClientState::capa, "CAPA");
    case ClientState::capa:
      in_lines_ = ok;
      return ok ? void() : after_capa();  // an old server: RFC 2449 came later
    case ClientState::stls:
      if (!ok) return refuse(ClientError::tls, line);
      state_ = ClientState::handshake;
      out_.wish = net::Wish::start_tls;
      return;
    case ClientState::user:
      if (!ok) return login_refused(line);
      return say(ClientState::pass, "PASS " + options_.password);
    case ClientState::auth:
      if (ok && !sasl_->trusts_success()) {
        return fail(ClientError::protocol, "The server did not prove that it knows the password",
                    net::Wish::abort);
      }
      [[fallthrough]];
    case ClientState::pass:
      return ok ? say(ClientState::stat, "STAT") : login_refused(line);
    case ClientState::stat:
      return ok ? stat_reply(line) : refuse(ClientError::refused, line);
    case ClientState::list:
      in_lines_ = ok;
      return ok ? void() : refuse(ClientError::refused, line);
    case ClientState::uidl:
      has_uidl_ = in_lines_ = ok;
      return ok ? void() : plan();
    case ClientState::retr:
      in_lines_ = ok;
      if (ok) return;
      result_.skipped.push_back(to_fetch_[next_fetch_++]);
      return fetch_next();
    case ClientState::dele:
      if (ok) marked_.push_back(to_delete_[next_delete_]);
      ++next_delete_;
      return delete_next();
    case ClientState::quit:
      // RFC 1939 section 6: -ERR means that some messages may be there still.
      if (ok && result_.error == ClientError::none) result_.deleted = marked_;
      if (!ok && !marked_.empty()) return fail(ClientError::refused, line, net::Wish::finish);
      out_.wish = net::Wish::finish;
      return finish();
    case ClientState::connecting:
    case ClientState::handshake:
    case ClientState::closed:
      return fail(ClientError::protocol, "The server spoke when it had nothing to say",
                  net::Wish::abort);
  }
}

void ClientEngine::lines_ended() {
  switch (state_) {
    case ClientState::capa:
      capabilities_.known = true;
      return after_capa();
    case ClientState::list:
      return say(ClientState::uidl, "UIDL");
    case ClientState::uidl:
      return plan();
    default: {  // retr
      Fetched fetched;
      fetched.number = to_fetch_[next_fetch_++];
      fetched.unique_id = result_.listed[fetched.number].unique_id;
      fetched.content = std::exchange(content_, {});
      fetched.whole = !options_.top;
      if (fetched.whole && !options_.leave_on_server) to_delete_.push_back(fetched.number);
      if (on_message_) {
        on_message_(std::move(fetched));
      } else {
        result_.fetched.push_back(std::move(fetched));
      }
      return fetch_next();
    }
  }
}

void ClientEngine::capability(std::string_view line) {
  if (++capabilities_.lines > options_.limits.capabilities) {
    return fail(ClientError::limit, "The server's list of capabilities does not end",
                net::Wish::abort);
  }
  const std::string_view name = take_word(line);
  if (mail::iequals(name, "STLS")) capabilities_.stls = true;
  if (mail::iequals(name, "USER")) capabilities_.user = true;
  if (!mail::iequals(name, "SASL")) return;
  for (std::string_view word = take_word(line); !word.empty(); word = take_word(line)) {
    if (mail::iequals(word, "PLAIN")) capabilities_.plain = true;
    if (capabilities_.mechanisms.size() < options_.limits.capabilities) {
      capabilities_.mechanisms.emplace_back(word);
    }
  }
}

void ClientEngine::after_capa() {
  if (options_.tls == ClientOptions::Tls::required && !tls_) {
    if (capabilities_.known && !capabilities_.stls) {
      return refuse(ClientError::tls, "The server does not offer STLS");
    }
    return say(ClientState::stls, "STLS");
  }
  log_in();
}

void ClientEngine::log_in() {
  if (!options_.sasl.mechanism.empty()) return log_in_with(options_.sasl.mechanism);
  using Login = ClientOptions::Login;
  const bool plain = options_.login == Login::auth_plain ||
                     (options_.login == Login::automatic && capabilities_.plain);
  if (plain) return log_in_with("PLAIN");
  if (!tls_ && !options_.allow_plaintext_auth) {
    return refuse(ClientError::insecure, "The password is not sent without TLS");
  }
  if (!fits_line(options_.user) || !fits_line(options_.password)) {
    return refuse(ClientError::login, "The user name or the password cannot be sent with POP3");
  }
  if (options_.login == Login::automatic && capabilities_.known && !capabilities_.user) {
    return refuse(ClientError::login, "The server offers no way to log in that we know");
  }
  say(ClientState::user, "USER " + options_.user);
}

void ClientEngine::log_in_with(std::string_view mechanism) {
  sasl_ = auth::make_sasl_client(mechanism, {.user = options_.user,
                                             .password = options_.password,
                                             .token = options_.sasl.token,
                                             .nonce = options_.sasl.nonce,
                                             .tls = tls_ ? &*tls_ : nullptr});
  if (sasl_ == nullptr) {
    return refuse(ClientError::login, std::string(mechanism) + " cannot be used");
  }
  if (sasl_->plaintext() && !tls_ && !options_.allow_plaintext_auth) {
    return refuse(ClientError::insecure, "The password is not sent without TLS");
  }
  const bool offered = std::ranges::any_of(
      capabilities_.mechanisms, [&](const auto& each) { return mail::iequals(each, mechanism); });
  if (capabilities_.known && !offered) {
    return refuse(ClientError::login, "The server does not offer " + std::string(mechanism));
  }
  if (!fits_line(options_.user) || (options_.sasl.token.empty() && !fits_line(options_.password))) {
    return refuse(ClientError::login, "The user name or the password cannot be sent with POP3");
  }
  const std::string command = "AUTH " + std::string(sasl_->mechanism());
  initial_ = sasl_->initial();
  if (!initial_) return say(ClientState::auth, command);
  // RFC 5034 section 4: "=" for nothing; what is too long for the line goes without.
  const std::string line =
      command + ' ' + (initial_->empty() ? "=" : mail::base64_encode(*initial_));
  if (line.size() > kMaxCommandLine) return say(ClientState::auth, command);
  initial_.reset();
  say(ClientState::auth, line);
}

void ClientEngine::auth_continue(std::string_view line) {
  if (initial_) {
    return say(ClientState::auth, mail::base64_encode(*std::exchange(initial_, std::nullopt)));
  }
  const auto challenge = mail::base64_decode_strict(mail::trim(line.substr(1)));
  const auto answer = challenge ? sasl_->respond(*challenge) : std::nullopt;
  // RFC 5034 section 4: "*" cancels. The server's next word is its refusal.
  say(ClientState::auth, answer ? mail::base64_encode(*answer) : "*");
}

/// RFC 2449 section 8 and RFC 3206: the code in brackets tells a wrong password from bad luck.
void ClientEngine::login_refused(std::string_view line) {
  const std::string text = mail::lower(line);
  if (text.starts_with("-err [in-use]")) return refuse(ClientError::in_use, line);
  if (text.starts_with("-err [sys/temp") || text.starts_with("-err [login-delay]")) {
    return refuse(ClientError::temporary, line);
  }
  refuse(ClientError::login, line);
}

void ClientEngine::stat_reply(std::string_view line) {
  line.remove_prefix(3);
  const auto messages = take_number<std::uint32_t>(line);
  const auto octets = take_number<std::uint64_t>(line);
  if (!messages || !octets)
    return fail(ClientError::protocol, "The reply to STAT is not understood", net::Wish::abort);
  result_.messages = *messages;
  result_.octets = *octets;
  if (*messages == 0) return say(ClientState::quit, "QUIT");
  say(ClientState::list, "LIST");
}

void ClientEngine::list_line(std::string_view line) {
  const auto number = take_number<std::uint32_t>(line);
  const bool list = state_ == ClientState::list;
  if (list) {
    const auto octets = take_number<std::uint64_t>(line);
    if (!number || *number == 0 || !octets) {
      return fail(ClientError::protocol, "A line of LIST is not understood", net::Wish::abort);
    }
    if (!result_.listed.emplace(*number, ClientResult::Listed{*octets, {}}).second) {
      return fail(ClientError::protocol, "LIST names a message twice", net::Wish::abort);
    }
    if (result_.listed.size() > options_.limits.messages) {
      fail(ClientError::limit, "The maildrop holds more messages than we take", net::Wish::abort);
    }
    return;
  }
  const std::string_view id = take_word(line);
  const auto entry = number ? result_.listed.find(*number) : result_.listed.end();
  if (!is_unique_id(id) || entry == result_.listed.end() || !entry->second.unique_id.empty()) {
    return fail(ClientError::protocol, "A line of UIDL is not understood", net::Wish::abort);
  }
  entry->second.unique_id = std::string(id);
}

/// What is new, and what may go.
void ClientEngine::plan() {
  // Without UIDL nobody knows what is new; only who empties the maildrop each time can go on.
  if (!has_uidl_ && options_.leave_on_server) {
    return refuse(ClientError::refused,
                  "The server does not know UIDL: what is new cannot be told");
  }
  for (const auto& [number, listed] : result_.listed) {
    const bool seen = !listed.unique_id.empty() && options_.seen.contains(listed.unique_id);
    if (seen) {
      if (!options_.leave_on_server) to_delete_.push_back(number);
    } else if (listed.octets > options_.limits.message && !options_.top) {
      result_.skipped.push_back(number);
    } else {
      to_fetch_.push_back(number);
    }
  }
  fetch_next();
}

void ClientEngine::fetch_next() {
  if (next_fetch_ == to_fetch_.size()) return delete_next();
  const std::string number = std::to_string(to_fetch_[next_fetch_]);
  say(ClientState::retr,
      options_.top ? "TOP " + number + ' ' + std::to_string(*options_.top) : "RETR " + number);
}

void ClientEngine::message_line(std::string_view line) {
  content_ += line;
  content_ += "\r\n";
  session_octets_ += line.size() + 2;
  if (content_.size() > options_.limits.message || session_octets_ > options_.limits.session) {
    fail(ClientError::limit, "The server sent more than it announced and than we take",
         net::Wish::abort);
  }
}

void ClientEngine::delete_next() {
  if (next_delete_ == to_delete_.size()) return say(ClientState::quit, "QUIT");
  say(ClientState::dele, "DELE " + std::to_string(to_delete_[next_delete_]));
}

}  // namespace mailscope::pop3
