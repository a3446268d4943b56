// What thunderbird_test.py has Thunderbird do, with Thunderbird's own modules. It runs in the main process;
// each function is called by name with plain values and gives plain values. Waits end with the script's
// time limit.
const { AccountConfig } = ChromeUtils.importESModule("resource:///modules/accountcreation/AccountConfig.sys.mjs");
const { ConfigVerifier } = ChromeUtils.importESModule("resource:///modules/accountcreation/ConfigVerifier.sys.mjs");
const { CreateInBackend } = ChromeUtils.importESModule("resource:///modules/accountcreation/CreateInBackend.sys.mjs");
const { FindConfig } = ChromeUtils.importESModule("resource:///modules/accountcreation/FindConfig.sys.mjs");
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");

const kPollMs = 50;
const kFlagsNewMail = Ci.nsMsgFolderFlags.Inbox;

function sleep(ms) {
  return new Promise(resolve => {
    const timer = Cc["@mozilla.org/timer;1"].createInstance(Ci.nsITimer);
    timer.initWithCallback(() => resolve(timer), ms, Ci.nsITimer.TYPE_ONE_SHOT);
  });
}

async function until(condition) {
  for (;;) {
    const value = await condition();
    if (value) {
      return value;
    }
    await sleep(kPollMs);
  }
}

function mainWindow() {
  return Services.wm.getMostRecentWindow("mail:3pane");
}

/** Runs what takes an nsIUrlListener, to its end. */
function finished(start) {
  return new Promise((resolve, reject) => {
    start({
      QueryInterface: ChromeUtils.generateQI(["nsIUrlListener"]),
      OnStartRunningUrl() {},
      OnStopRunningUrl(url, status) {
        if (Components.isSuccessCode(status)) {
          resolve();
        } else {
          reject(new Error(`${url?.spec}: ${status.toString(16)}`));
        }
      },
    });
  });
}

function account(address) {
  return MailServices.accounts.accounts.find(each => each.defaultIdentity?.email == address);
}

/** Where new mail of an account arrives. */
function inbox(address) {
  return account(address).incomingServer.rootFolder.getFolderWithFlags(kFlagsNewMail);
}

function headerWith(folder, subject) {
  return [...folder.messages].find(header => header.mime2DecodedSubject == subject);
}

const actions = {
  /**
   * Sets an account up as the account hub does: look the domain up, fill the answer in, log in once to
   * see that it works, store it.
   */
  async setUp(address, name, password, incomingType, socketType) {
    const signal = new AbortController().signal;
    const found = await FindConfig.parallelAutoDiscovery(address.split("@")[1], address, signal).next();
    const config = found.value;
    if (!config) {
      throw new Error(`no configuration for ${address}`);
    }
    const choose = (kind, type) => {
      const chosen = [config[kind], ...config[`${kind}Alternatives`]].find(each => each.type == type && each.socketType == socketType);
      if (!chosen) {
        throw new Error(`no ${type} with socket type ${socketType}`);
      }
      config[kind] = chosen;
    };
    choose("incoming", incomingType);
    choose("outgoing", "smtp");
    AccountConfig.replaceVariables(config, name, address, password);
    config.rememberPassword = true;
    const verifier = new ConfigVerifier(mainWindow().msgWindow, signal);
    await verifier.verifyConfig(config, false);
    const made = await CreateInBackend.createAccountInBackend(config);
    const outgoing = MailServices.outgoingServer.getServerByKey(made.defaultIdentity.smtpServerKey);
    return {
      source: config.subSource,
      incoming: [made.incomingServer.type, made.incomingServer.hostname, made.incomingServer.port, made.incomingServer.socketType],
      outgoing: [outgoing.type, outgoing.serverURI.host, outgoing.serverURI.port, outgoing.socketType],
    };
  },

  /** Writes a message in the composition window and presses "Send". Gives its Message-ID. */
  async send(from, to, subject, body, attachments) {
    const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
    fields.to = to;
    fields.subject = subject;
    fields.body = body;
    for (const path of attachments) {
      const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
      file.initWithPath(path);
      const attachment = Cc["@mozilla.org/messengercompose/attachment;1"].createInstance(Ci.nsIMsgAttachment);
      attachment.url = Services.io.newFileURI(file).spec;
      attachment.name = file.leafName;
      attachment.size = file.fileSize;
      fields.addAttachment(attachment);
    }
    const params = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
    params.type = Ci.nsIMsgCompType.New;
    params.format = Ci.nsIMsgCompFormat.PlainText;
    params.identity = account(from).defaultIdentity;
    params.composeFields = fields;
    MailServices.compose.OpenComposeWindowWithParams(null, params);
    const window = await until(() => {
      const opened = Services.wm.getMostRecentWindow("msgcompose");
      return opened?.gMsgCompose && opened.composeEditorReady ? opened : null;
    });
    await until(() => !window.gWindowLocked && window.defaultController.isCommandEnabled("cmd_sendNow"));
    let messageId = "";
    const sent = new Promise((resolve, reject) => {
      window.gMsgCompose.addMsgSendListener({
        QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener"]),
        onStartSending() {},
        onSendProgress() {},
        onStatus() {},
        onSendNotPerformed() {
          reject(new Error("not sent"));
        },
        onTransportSecurityError(id, status) {
          reject(new Error(`security of the connection: ${status.toString(16)}`));
        },
        onGetDraftFolderURI() {},
        onStopSending(id, status) {
          messageId = id;
          if (Components.isSuccessCode(status)) {
            resolve();
          } else {
            reject(new Error(`sending: ${status.toString(16)}`));
          }
        },
      });
    });
    window.goDoCommand("cmd_sendNow");
    await sent;
    await until(() => window.closed); // after the copy is in "Sent"
    return messageId;
  },

  /** Asks the server for news, until there is a message with this subject. Gives its octets as base64. */
  async receive(address, subject) {
    const server = account(address).incomingServer;
    const header = await until(async () => {
      if (server.type == "pop3") {
        const folder = inbox(address) ?? server.rootFolder;
        await finished(listener => MailServices.pop3.GetNewMail(mainWindow().msgWindow, listener, folder, server));
      } else {
        server.performExpand(mainWindow().msgWindow);
        const folder = await until(() => inbox(address));
        // Not waited for: while an update that the server asked for (IDLE) runs, nobody is told of this one's end.
        folder.updateFolder(mainWindow().msgWindow);
      }
      const found = headerWith(inbox(address), subject);
      return found ?? (await sleep(500), null);
    });
    return actions.octets(header);
  },

  /** Only waits: the server must say by itself that there is something new (IDLE). */
  async notified(address, subject) {
    await until(() => headerWith(inbox(address), subject));
  },

  octets(header) {
    const uri = header.folder.getUriForMsg(header);
    return new Promise((resolve, reject) => {
      const pieces = [];
      MailServices.messageServiceFromURI(uri).streamMessage(
        uri,
        {
          QueryInterface: ChromeUtils.generateQI(["nsIStreamListener"]),
          onStartRequest() {},
          onDataAvailable(request, stream, offset, count) {
            const input = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
            input.setInputStream(stream);
            pieces.push(input.readBytes(count));
          },
          onStopRequest(request, status) {
            if (Components.isSuccessCode(status)) {
              resolve(btoa(pieces.join("")));
            } else {
              reject(new Error(`${uri}: ${status.toString(16)}`));
            }
          },
        },
        mainWindow().msgWindow,
        null,
        false,
        ""
      );
    });
  },

  /** Marks one as read and with a star, moves one into a new folder, deletes one. */
  async tidyUp(address, starred, moved, deleted, target) {
    const folder = inbox(address);
    const server = account(address).incomingServer;
    folder.markMessagesFlagged([headerWith(folder, starred)], true);
    folder.markMessagesRead([headerWith(folder, starred)], true);
    server.rootFolder.createSubfolder(target, mainWindow().msgWindow);
    const made = await until(() => server.rootFolder.containsChildNamed(target) && server.rootFolder.getChildNamed(target));
    await until(() => !folder.locked);
    await new Promise((resolve, reject) => {
      MailServices.copy.copyMessages(
        folder,
        [headerWith(folder, moved)],
        made,
        true,
        {
          QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
          onStartCopy() {},
          onProgress() {},
          setMessageKey() {},
          getMessageId() {
            return null;
          },
          onStopCopy(status) {
            if (Components.isSuccessCode(status)) {
              resolve();
            } else {
              reject(new Error(`moving: ${status.toString(16)}`));
            }
          },
        },
        mainWindow().msgWindow,
        false
      );
    });
    folder.deleteMessages([headerWith(folder, deleted)], mainWindow().msgWindow, false, false, null, false);
    await until(() => !headerWith(folder, deleted) && !headerWith(folder, moved));
  },

  /** Shows a message in the main window, and gives what a reader sees of it. */
  async show(address, subject) {
    const window = mainWindow();
    const folder = inbox(address);
    const pane = await until(() => window.gTabmail?.currentAbout3Pane);
    pane.displayFolder(folder.URI);
    await until(() => pane.gFolder == folder && pane.gDBView?.rowCount > 0);
    const index = await until(() => pane.gDBView.findIndexOfMsgHdr(headerWith(folder, subject), true) + 1);
    pane.threadTree.selectedIndex = index - 1;
    const message = await until(() => pane.messageBrowser?.contentWindow);
    await until(() => message.gMessage?.mime2DecodedSubject == subject && message.msgLoaded);
    const text = await until(() => message.document.getElementById("expandedsubjectBox")?.textContent);
    const body = message.getMessagePaneBrowser().contentDocument.body.textContent;
    return { subject: text, body, attachments: message.currentAttachments.map(each => each.name) };
  },
};
globalThis.actions = actions;
