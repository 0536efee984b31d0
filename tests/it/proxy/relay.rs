//! One connection through the proxy: request by request, until one side or a rule ends it.

use super::Shared;
use super::replica_set;
use super::rule::{Action, is_handshake};
use super::wire::Message;
use bson::Document;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

pub struct Relay<'a> {
    pub shared: &'a Shared,
    pub client: TcpStream,
    pub server: TcpStream,
}

/// Why a connection ends: nobody has anything to say any more.
struct Over;

impl From<io::Error> for Over {
    fn from(_: io::Error) -> Self {
        Self
    }
}

impl Relay<'_> {
    /// Until the connection is over; then both sides of it are closed.
    pub fn run(mut self) {
        while let Ok(()) = self.request() {}
        for side in [&self.client, &self.server] {
            // It may be closed already.
            let _ = side.shutdown(Shutdown::Both);
        }
    }

    fn request(&mut self) -> Result<(), Over> {
        let request = Message::read(&mut self.client)?.ok_or(Over)?;
        let body = request.body().unwrap_or_default();
        let command = body.keys().next().cloned().unwrap_or_default();
        let action = self.shared.arrived(&command, body);
        self.shared.while_frozen();
        if self.shared.cuts(&command) {
            self.server.write_all(&request.bytes()[..request.bytes().len() / 2])?;
            return Err(Over);
        }

        let answer = match action {
            None => None,
            Some(Action::Reply(answer)) => Some(answer),
            Some(Action::Run(answering)) => answering(&request.whole().unwrap_or_default()),
            Some(Action::CutBefore) => return Err(Over),
            Some(action) => return self.after(&request, &command, action),
        };
        match answer {
            Some(_) if request.more_to_come() => Ok(()),
            Some(answer) => self.deliver(&command, &request.answered_with(&answer)).map(drop),
            None => self.pass(&request, &command),
        }
    }

    /// Asks the server, and delivers what it says.
    fn pass(&mut self, request: &Message, command: &str) -> Result<(), Over> {
        let mut answer = self.ask(request, command)?;
        while let Some(message) = answer {
            self.deliver(command, &message)?;
            answer = if message.more_to_come() { Some(self.answer(command)?) } else { None };
        }
        Ok(())
    }

    /// Asks the server, and does with its answer what the rule says.
    fn after(&mut self, request: &Message, command: &str, action: Action) -> Result<(), Over> {
        let Some(answer) = self.ask(request, command)? else { return Ok(()) };
        match action {
            Action::ReplyAfter(answer) => return self.deliver(command, &request.answered_with(&answer)),
            Action::Delay(delay) => {
                self.shared.pause(delay);
                return self.deliver(command, &answer);
            }
            Action::CutWithin(bytes) => self.client.write_all(&answer.bytes()[..bytes.min(answer.bytes().len())])?,
            Action::HalfClose => {
                self.client.shutdown(Shutdown::Write)?;
                self.until_closed();
            }
            Action::Silence => self.until_closed(),
            Action::Reply(_) | Action::Run(_) | Action::CutBefore | Action::CutAfter => {}
        }
        Err(Over)
    }

    /// Forwards a request, and waits for the answer if there will be one.
    fn ask(&mut self, request: &Message, command: &str) -> Result<Option<Message>, Over> {
        let plainer = request.body().filter(|_| self.shared.only_looks_like_member());
        match plainer.and_then(|body| replica_set::for_standalone(&body)) {
            Some(plainer) => self.server.write_all(request.with_body(&plainer).bytes())?,
            None => self.server.write_all(request.bytes())?,
        }
        if request.more_to_come() { Ok(None) } else { self.answer(command).map(Some) }
    }

    /// The server's next message, made to look as it should.
    fn answer(&mut self, command: &str) -> Result<Message, Over> {
        let answer = Message::read(&mut self.server)?.ok_or(Over)?;
        if !is_handshake(command) {
            return Ok(answer);
        }
        Ok(match answer.body().and_then(|greeting| self.greeting(greeting)) {
            Some(greeting) => answer.with_body(&greeting),
            None => answer,
        })
    }

    /// What a server says of itself, changed where the driver would otherwise not use it as it should.
    fn greeting(&self, mut greeting: Document) -> Option<Document> {
        // Other handshakes say nothing of what the server is.
        if !greeting.contains_key("maxWireVersion") {
            return None;
        }
        let is_member = greeting.contains_key("setName");
        // A member of a set names the others, too; the driver would go round the proxy.
        (self.shared.greeted(is_member) || is_member).then(|| {
            replica_set::as_primary(&mut greeting, self.shared.address);
            greeting
        })
    }

    fn deliver(&mut self, command: &str, answer: &Message) -> Result<(), Over> {
        self.shared.while_frozen();
        if self.shared.cuts(command) {
            self.client.write_all(&answer.bytes()[..answer.bytes().len() / 2])?;
            return Err(Over);
        }
        Ok(self.client.write_all(answer.bytes())?)
    }

    /// Swallows what the client says until it goes.
    fn until_closed(&mut self) {
        let mut swallowed = [0; 4096];
        while matches!(self.client.read(&mut swallowed), Ok(bytes) if bytes > 0) {}
    }
}
