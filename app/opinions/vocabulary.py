from typing import Annotated, Literal

import pydantic

Resolution = Annotated[
    Literal["accepted", "declined", "noted"],
    pydantic.Field(
        description="`accepted`: is worked in; `declined`: is not; `noted`: asks for no change"
    ),
]
