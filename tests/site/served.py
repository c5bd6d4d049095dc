"""The built book on a server of this machine, compressed as a host would send it."""

import gzip
import re
from contextlib import contextmanager
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class Handler(SimpleHTTPRequestHandler):
    """Send files, text compressed, many over one connection as hosts do."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Send a file, compressed if it is text."""
        path = self.translate_path(self.path)
        if not re.search(r"\.(html|css|js|svg)$", path):
            super().do_GET()
            return
        try:
            body = compressed(path, Path(path).stat().st_mtime_ns)
        except OSError:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(path))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep quiet."""


@cache
def compressed(path, changed):
    """Return a file's compressed bytes; made once for each change, as a host does."""
    return gzip.compress(Path(path).read_bytes())


@contextmanager
def served(folder):
    """Serve a folder; give its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
