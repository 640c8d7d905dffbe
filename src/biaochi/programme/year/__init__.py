"""A year of a city's programme as a list of acts: what people do at the site, in order.  Pure, seeded, unplayed."""

from biaochi.programme.year.act import Act, Opening, Upload
from biaochi.programme.year.acts import demonstration_year
from biaochi.programme.year.diary import Diary

__all__ = ["Act", "Diary", "Opening", "Upload", "demonstration_year"]
