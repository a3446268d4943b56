#include "sim/world/send_task.hpp"

#include "server/host/services.hpp"
#include "server/mail/builder.hpp"

namespace mailscope::world {

std::uint16_t SendTask::port() const {
  const bool implicit = security() == scenario::Security::tls;
  return host::info(implicit ? host::Service::submissions : host::Service::submission).port;
}

std::string SendTask::compose() {
  const DeviceOptions& options = device_.options();
  mail::Draft draft;
  draft.from = options.person + " <" + send_.from + ">";
  draft.to = send_.to;
  draft.cc = send_.cc;
  draft.subject = send_.subject;
  draft.text = send_.text;
  draft.html = send_.html;
  for (const scenario::Attachment& file : send_.attachments)
    draft.attachments.push_back({file.name, file.type, file.content});
  draft.message_id =
      "<" + device_.ids().hex(8) + "@" + send_.from.substr(send_.from.find('@') + 1) + ">";
  draft.date = device_.environment().timers.now();
  draft.extra = send_.headers;
  return mail::build_message(draft, device_.ids().hex(8));
}

std::unique_ptr<net::Engine> SendTask::make_engine() {
  const DeviceOptions& options = device_.options();
  smtp::ClientOptions client;
  client.helo_name = device_.environment().network.address().literal();  // as mail programs do: RFC
                                                                         // 5321 section 4.1.3
  client.tls = security() == scenario::Security::starttls ? smtp::ClientOptions::Tls::required
                                                          : smtp::ClientOptions::Tls::none;
  client.credentials =
      smtp::ClientOptions::Credentials{options.address, options.password, device_.login()};
  client.allow_plaintext_auth = security() == scenario::Security::none;
  smtp::Transaction transaction;
  transaction.reverse_path = *mail::Mailbox::parse(send_.from);
  for (const auto* list : {&send_.to, &send_.cc, &send_.bcc}) {
    for (const std::string& address : *list) {
      if (auto mailbox = mail::Mailbox::parse(address)) {
        transaction.recipients.push_back(std::move(*mailbox));
      } else {
        report("failed", address + ": this is not a mail address");
      }
    }
  }
  transaction.content = std::make_shared<const std::string>(compose());
  std::vector<smtp::Transaction> transactions;
  transactions.push_back(std::move(transaction));
  return std::make_unique<smtp::ClientEngine>(std::move(client), std::move(transactions));
}

void SendTask::finished(net::Engine& engine) {
  const auto& results = static_cast<smtp::ClientEngine&>(engine).results();
  for (const smtp::RecipientResult& result : results.front()) {
    if (result.fate == smtp::Fate::delivered) continue;
    report(smtp::to_string(result.fate),
           result.recipient.to_string() + ": " + result.reply.to_string());
  }
}

void SendTask::failed(const std::string& why) {
  report("deferred", why);
}

}  // namespace mailscope::world
