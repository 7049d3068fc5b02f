"""A Jupyter client for the tests: reads one JSON command a line, answers one JSON line. Started as

    node tools/jupyter.mjs python test/notebook/driver.py FOLDER [KERNEL]
"""

import json
import os
import subprocess
import sys
import time
from queue import Empty

from jupyter_client import KernelManager


def idle(output):
    return output["type"] == "status" and output["execution_state"] == "idle"


class Driver:
    def __init__(self, folder, kernel="tslab"):
        self.manager = KernelManager(kernel_name=kernel)
        # Node makes an inherited pipe non-blocking, which would cut this driver's long answers.
        self.manager.start_kernel(cwd=folder, stdout=subprocess.DEVNULL)
        self.connect()
        self.seen = {}

    def connect(self):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=180)

    def begin(self, code, **options):
        request = self.client.execute(code, **options)
        self.seen[request] = []
        return request

    def listen(self, request, done, timeout=180):
        """Keeps what is published until `done` says so of a message that belongs to `request`."""
        end = time.monotonic() + timeout
        while True:
            try:
                message = self.client.get_iopub_msg(timeout=max(0, end - time.monotonic()))
            except Empty:
                raise TimeoutError(f"nothing more within {timeout} s; so far: {self.seen[request]}")
            parent = message["parent_header"].get("msg_id")
            if parent in self.seen:
                self.seen[parent].append({"type": message["msg_type"], "at": time.monotonic(), **message["content"]})
                if parent == request and done(self.seen[parent][-1]):
                    return

    def until(self, request, text, timeout=180):
        def printed(output):
            if idle(output):
                raise RuntimeError(f"the cell ended without printing {text!r}: {self.seen[request]}")
            return text in output.get("text", "")

        if not any(printed(output) for output in self.seen[request]):
            self.listen(request, printed, timeout)

    def wait(self, request, timeout=180):
        if not any(idle(output) for output in self.seen[request]):
            self.listen(request, idle, timeout)
        outputs = [output for output in self.seen[request] if output["type"] != "status"]
        return {"reply": self.reply(request, timeout), "outputs": outputs}

    def reply(self, request, timeout=180):
        while True:
            message = self.client.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == request:
                return {"type": message["msg_type"], **message["content"]}

    def do(self, op, **given):
        client = self.client
        if op == "execute":
            timeout = given.pop("timeout", 180)
            return self.wait(self.begin(given.pop("code"), **given), timeout)
        if op == "batch":  # all asked for at once, as by "run all cells"
            requests = [self.begin(code) for code in given["codes"]]
            return [self.wait(request) for request in requests]
        if op == "begin":
            return self.begin(**given)
        if op == "until":
            return self.until(**given)
        if op == "wait":
            return self.wait(**given)
        if op == "interrupt":
            return self.manager.interrupt_kernel()
        if op == "restart":
            client.stop_channels()
            self.manager.restart_kernel(now=given.get("now", False))
            return self.connect()
        if op == "pid":
            return self.manager.provisioner.pid
        if op == "alive":
            return self.manager.is_alive()
        if op == "shutdown":
            began = time.monotonic()
            self.manager.shutdown_kernel(now=False)
            return time.monotonic() - began
        if op == "info":
            return self.reply(client.kernel_info())
        if op == "complete":
            return self.reply(client.complete(given["code"], given["cursor"]))
        if op == "inspect":
            return self.reply(client.inspect(given["code"], given["cursor"]))
        if op == "is_complete":
            return self.reply(client.is_complete(given["code"]))
        if op == "comm_info":
            return self.reply(client.comm_info())
        if op == "history":
            return self.reply(client.history(), timeout=5)
        raise ValueError(f"unknown op: {op}")


def main():
    driver = Driver(*sys.argv[1:])
    print(json.dumps({"ready": os.getpid()}), flush=True)
    try:
        for line in sys.stdin:
            try:
                answer = {"value": driver.do(**json.loads(line))}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer, default=str), flush=True)
    finally:
        driver.manager.shutdown_kernel(now=True)


main()
