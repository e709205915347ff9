"""The other side of bench/determine.py, run in an environment of its own: OpenFisca's country template, one traced situation at a time.

Each situation is distinct and is built and calculated anew; ``trace`` is on, since that is what gives its reasons. Prints the rate.
"""

from __future__ import annotations

import sys
import time

from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_country_template import CountryTaxBenefitSystem


def main() -> None:
    count, variable = int(sys.argv[1]), sys.argv[2]
    system = CountryTaxBenefitSystem()

    def situation(number: int) -> dict:
        person = {"birth": {"ETERNITY": "1980-01-01"}, "salary": {"2017-01": 1000 + number}}
        return {"persons": {"Ada": person}, "households": {"home": {"adults": ["Ada"]}}}

    def once(number: int) -> None:
        simulation = SimulationBuilder().build_from_entities(system, situation(number))
        simulation.trace = True
        simulation.calculate(variable, "2017-01")

    for number in range(50):
        once(number)
    start = time.perf_counter()
    for number in range(count):
        once(number)
    print(count / (time.perf_counter() - start))


if __name__ == "__main__":
    main()
