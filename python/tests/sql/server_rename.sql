alter system set cluster_name = 'theirs'
