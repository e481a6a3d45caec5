# Drives stomp.py for the tests in this folder. Reads one command a line from standard input and
# writes one line for each answer and each event to standard output, all JSON; bodies are base64.
# A command is answered when the broker has confirmed it. Ends with its input.

import base64
import json
import sys
import threading

import stomp

KINDS = {
    "1.0": stomp.StompConnection10,
    "1.1": stomp.StompConnection11,
    "1.2": stomp.StompConnection12,
}
CONFIRMED_WITHIN_SECONDS = 30

output_lock = threading.Lock()


def say(line):
    with output_lock:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


class Connection(stomp.ConnectionListener):
    """One named connection and the receipts it waits for."""

    def __init__(self, name, command):
        self.name = name
        self.version = command["version"]
        self.receipts = {}
        self.count = 0
        self.error = None
        options = {"auto_decode": False, "reconnect_attempts_max": 1}
        if self.version != "1.0":
            options["heartbeats"] = tuple(command.get("heartbeats", (0, 0)))
        self.stomp = KINDS[self.version]([("127.0.0.1", command["port"])], **options)
        self.stomp.set_listener("driver", self)
        self.stomp.connect(wait=True, headers=command.get("headers", {}))

    # What stomp.py tells.

    def on_connected(self, frame):
        say({"event": "connected", "connection": self.name, "headers": frame.headers})

    def on_message(self, frame):
        body = frame.body if isinstance(frame.body, bytes) else frame.body.encode()
        say({
            "event": "message",
            "connection": self.name,
            "headers": frame.headers,
            "body": base64.b64encode(body).decode(),
        })

    def on_receipt(self, frame):
        waiting = self.receipts.pop(frame.headers["receipt-id"], None)
        if waiting is not None:
            waiting.set()

    def on_error(self, frame):
        self.error = frame.headers.get("message", "ERROR without message")
        say({"event": "error", "connection": self.name, "message": self.error})
        self.release()

    def on_heartbeat(self):
        say({"event": "heartbeat", "connection": self.name})

    def on_heartbeat_timeout(self):
        say({"event": "heartbeat-timeout", "connection": self.name})

    def on_disconnected(self):
        self.error = self.error or "the connection is closed"
        say({"event": "disconnected", "connection": self.name})
        self.release()

    # What the test asks for.

    def subscribe(self, command):
        self.confirmed(lambda receipt: self.stomp.subscribe(
            command["destination"],
            command["subscription"],
            ack=command.get("ack", "auto"),
            headers={**command.get("headers", {}), "receipt": receipt},
        ))

    def unsubscribe(self, command):
        self.confirmed(lambda receipt: self.stomp.unsubscribe(
            id=command["subscription"],
            headers={**command.get("headers", {}), "receipt": receipt},
        ))

    def send(self, command):
        """Sends the bodies in order, each with a receipt and the next when it has come."""
        for body in command["bodies"]:
            self.confirmed(lambda receipt: self.stomp.send(
                command["destination"],
                base64.b64decode(body),
                headers={**command.get("headers", {}), "receipt": receipt},
            ))

    def ack(self, command):
        self.settle(self.stomp.ack, command)

    def nack(self, command):
        self.settle(self.stomp.nack, command)

    def settle(self, method, command):
        ids = [command["message"]]
        if self.version == "1.1":
            ids.append(command["subscription"])
        transaction = command.get("transaction")
        self.confirmed(lambda receipt: method(*ids, transaction=transaction, receipt=receipt))

    def transaction(self, command):
        method = getattr(self.stomp, command["step"])
        self.confirmed(lambda receipt: method(command["transaction"], headers={"receipt": receipt}))

    def disconnect(self, command):
        self.confirmed(lambda receipt: self.stomp.disconnect(receipt=receipt))

    def drop(self, command):
        self.stomp.transport.disconnect_socket()

    def confirmed(self, send):
        """Sends a frame with a receipt header and waits for the receipt."""
        self.count += 1
        receipt = "driver-%d" % self.count
        waiting = self.receipts[receipt] = threading.Event()
        send(receipt)
        if not waiting.wait(CONFIRMED_WITHIN_SECONDS):
            raise RuntimeError("no receipt within %d seconds" % CONFIRMED_WITHIN_SECONDS)
        if receipt in self.receipts:
            raise RuntimeError(self.error)

    def release(self):
        """Whoever waits for a receipt will not get it."""
        for waiting in list(self.receipts.values()):
            waiting.set()


def main():
    connections = {}
    threads = {}

    def run(command, before):
        if before is not None:
            before.join()
        answer = {"answer": command["number"]}
        try:
            name = command["connection"]
            if command["do"] == "connect":
                connections[name] = Connection(name, command)
            else:
                getattr(connections[name], command["do"])(command)
        except Exception as error:
            answer["error"] = "%s: %s" % (type(error).__name__, error)
        say(answer)

    for line in sys.stdin:
        command = json.loads(line)
        name = command["connection"]
        # Commands of one connection run in order, those of different ones side by side.
        thread = threading.Thread(target=run, args=(command, threads.get(name)), daemon=True)
        threads[name] = thread
        thread.start()


main()
