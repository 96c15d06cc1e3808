"""The worker process: any number of them share the work."""

import signal
from collections.abc import Callable, Iterable
from threading import Event, Thread

from apscheduler.schedulers.background import BackgroundScheduler

from ill_broker import clock
from ill_broker.jobs.courier import Courier
from ill_broker.jobs.postman import Postman
from ill_broker.jobs.set_back import watch
from ill_broker.storage.store import Store


class Worker:
    """Delivers, applies and watches until it is told to stop."""

    def __init__(
        self, store: Store, courier: Courier, postmen: Iterable[Postman], scheduler: BackgroundScheduler
    ) -> None:
        """Work on *store*, which is closed when the work has stopped."""
        self._store = store
        self._scheduler = scheduler
        self._stop = Event()
        self._threads = [
            Thread(target=courier.run, args=(self._stop,), name="courier", daemon=True),
            *(
                Thread(target=postman.run, args=(self._stop,), name="postman", daemon=True)
                for postman in postmen
            ),
            Thread(target=watch, args=(scheduler, clock.now, self._stop), name="clock", daemon=True),
        ]

    def start(self) -> None:
        """Begin to work, in threads of this process."""
        for thread in self._threads:
            thread.start()
        self._scheduler.start()

    def stop(self) -> None:
        """Finish what is under way and stop."""
        self._stop.set()
        self._scheduler.shutdown()
        for thread in self._threads:
            thread.join()
        self._store.close()

    def run(self, ready: Callable[[], None]) -> None:
        """Work until the process is asked to end."""
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: self._stop.set())
        self.start()
        ready()
        self._stop.wait()
        self.stop()
