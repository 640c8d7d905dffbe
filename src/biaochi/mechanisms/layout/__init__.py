"""错位布局：因地制宜、错位发展。

看清各地已公布的规划有多拥挤、为什么相像，哪里还有空间；为每个地区列出有理由、有区间的菜单；
模拟各自为政、互通信息与统筹安排的差别。菜单不是任务：由地区自己选择，选择与理由都留痕。

Layout: place-based, differentiated development.

See how crowded the declared plans are and why they are alike, where there is room; offer each region a menu with
reasons and intervals; simulate herding, disclosure and coordination.  A menu is never an order: regions choose, and
choices are kept with their reasons.

Rooms: ``model`` (plans, zones, menus), ``lifecycle``, ``decisions``, ``report``, ``parameters``, ``cli``.
"""
