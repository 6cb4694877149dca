"""What make compare compares: da3dd's methods, as options of a training, and peers with inputs."""
import sys

from inputs import SCALINGS
from peers import PEERS

VIEWS = ("alarm", "residual", "prototypes", "components")
DEFAULT_VIEWS = (*VIEWS[1:], "novelty") # da3d_config_default.views, core/hyper.c


def views(*names):
    return ["--views", ",".join(names)]


# da3dd's methods by group: what each adds to the options of a training.
DA3DD_METHODS = {
    "default": {"default": []},
    "views": {f"only-{view}": views(view) for view in VIEWS},
    "ablations": {
        **{f"without-{view}": views(*(v for v in DEFAULT_VIEWS if v != view))
           for view in DEFAULT_VIEWS},
        "with-alarm": views("alarm", *DEFAULT_VIEWS),
        "with-alarm-gaussian": [*views("alarm", *DEFAULT_VIEWS), "--generator", "gaussian"],
        "with-alarm-none": [*views("alarm", *DEFAULT_VIEWS), "--generator", "none"],
        "only-alarm-gaussian": [*views("alarm"), "--generator", "gaussian"],
        "only-alarm-none": [*views("alarm"), "--generator", "none"],
        "min-max": ["--scaling", "min-max"],
        "no-corruption": ["--corruption", "0"],
        "trimmed": ["--trim", "0.1"],
        "not-trimmed": ["--trim", "0"],
    },
    "paper": {"paper": ["--method", "paper"]},
}
OPTIONS = {name: options for group in DA3DD_METHODS.values() for name, options in group.items()}
PEER_METHODS = {f"{name}/{scaling}": (learn, scaling)
                for name, learn in PEERS.items() for scaling in SCALINGS}
GROUPS = {**{group: list(methods) for group, methods in DA3DD_METHODS.items()},
          "peers": list(PEER_METHODS)}


def chosen_methods(names):
    """Groups by their methods, in the order of the groups."""
    known = [*GROUPS, *OPTIONS, *PEER_METHODS]
    for name in names:
        if name not in known:
            sys.exit(f"compare: no method '{name}', but {', '.join(known)}")
    return [method for group, methods in GROUPS.items() for method in methods
            if group in names or method in names]
